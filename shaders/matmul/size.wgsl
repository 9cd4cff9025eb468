// The sizes of a product C[m, n] = Σ_k A[m, k] · B[k, n]: m counts rows, n columns, k the depth.
struct Params {
  rows: u32,
  columns: u32,
  depth: u32,
}
