// The number of this invocation when the workgroups of a dispatch form one row folded into x and y. In a kernel whose invocations
// serve ITEMS numbers each it is the first of them; they are WG apart, so that neighbours stay neighbours.
fn linear_index(group: vec3u, groups: vec3u, lane: u32) -> u32 {
  return (group.y * groups.x + group.x) * @{PER_WORKGROUP} + lane;
}
