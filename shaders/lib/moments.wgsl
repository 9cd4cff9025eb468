// Count, mean and M2 = Σ (x - mean)² of a set of numbers, and those of the union of two sets:
// Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
struct Moments { count: f32, mean: f32, m2: f32 }

fn merge(a: Moments, b: Moments) -> Moments {
  let count = a.count + b.count;
  let ratio = b.count / count;
  let delta = b.mean - a.mean;
  return Moments(count, a.mean + delta * ratio, a.m2 + b.m2 + delta * delta * a.count * ratio);
}
