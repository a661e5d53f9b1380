#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/store.h"

namespace weft::sim {

class World;

// What a store may never show: finished children of a Map Run that keep more spans than its budget,
// in children or in bytes. Sentences; empty when all holds.
std::vector<std::string> check_detail_budgets(const store::Store& store);

// What is wrong with the choices of a finished world: each is the one its rows lead to, whatever
// crashes came between; of each error a child is kept while there are places; kept children have
// all the spans that were stored, the others none.
std::vector<std::string> check_detail_choices(const World& world);

}  // namespace weft::sim
