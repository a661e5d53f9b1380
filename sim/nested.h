#pragma once

#include <string>
#include <vector>

#include "store/store.h"

namespace weft::sim {

class World;

// What a store may never show of executions that tasks start and wait for: a task that started two,
// or one whose outcome came before that of what it waits for. Sentences; empty when all holds.
std::vector<std::string> check_nested_starts(const store::Store& store);

// What is wrong with those of a finished world: all have ended, none long after its task gave it
// up, and the outcome of a task is that of the execution it waited for.
std::vector<std::string> check_nested_ends(const World& world);

}  // namespace weft::sim
