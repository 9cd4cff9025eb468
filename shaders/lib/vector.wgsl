// What an invocation takes at once: four neighbours where the number of elements allows it (VEC 4), else one.
alias V = @{V};
