// What an invocation takes at once: four neighbours where the number of elements allows it (VEC 4), else one. V holds the
// elements, U their bits, M one truth value for each; FLOATS says whether they are floats.
//@let FLOATS = V == 'f32' || V == 'vec4<f32>'
alias V = @{V};
//@if VEC == 4
alias U = vec4<u32>;
alias M = vec4<bool>;
//@else
alias U = u32;
alias M = bool;
//@end
