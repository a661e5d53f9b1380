#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weft::sim {

class World;
struct Expected;

// What is wrong with a finished world, in sentences; empty when all holds: the output is the
// reference's, histories are sound, every item of every finished Map Run has exactly one outcome
// and the counts add up, and nested executions ended as their tasks did.
std::vector<std::string> check(const World& world, const Expected& expected);

// A digest of everything stored: equal for two runs of one seed.
uint64_t digest(const World& world);

}  // namespace weft::sim
