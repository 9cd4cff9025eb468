// The number of this invocation when the workgroups of a dispatch form one row folded into x and y. With ITEMS > 1 it is the first
// of the ITEMS numbers, WG apart, that the invocation serves: neighbours stay neighbours.
fn linear_index(group: vec3u, groups: vec3u, lane: u32) -> u32 {
  return (group.y * groups.x + group.x) * @{WG * ITEMS} + lane;
}
