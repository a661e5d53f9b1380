#pragma once

namespace weft::base {

// From now on the calling thread works only while the threads of the children leave room: what
// pages ask, and what is made for them, must not slow down what runs. For good; without effect
// where the system knows no priorities of threads.
void give_way();

}  // namespace weft::base
