// The number of this invocation when the workgroups of a dispatch form one row folded into x and y.
fn linear_index(group: vec3u, groups: vec3u, lane: u32) -> u32 {
  return (group.y * groups.x + group.x) * @{WG} + lane;
}
