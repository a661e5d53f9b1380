// Evaluations take no memory from the heap once their arena is warm. This program counts every
// operator new.
#include <cstdlib>
#include <new>
#include <string>

#include <gtest/gtest.h>

#include "json/parse.h"
#include "jsonata/expression.h"

namespace {
size_t allocations = 0;
}  // namespace

void* operator new(size_t bytes) {
  ++allocations;
  void* memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace weft::jsonata {
namespace {

constexpr std::string_view kInput = R"({
  "orders": [
    {"id": "o-1", "region": "apac", "status": "shipped", "total": 1204.25, "name": "Bowler Hat",
     "lines": [{"sku": "0406654608", "price": 34.45, "qty": 2}, {"sku": "0406634348", "price": 21.67, "qty": 1}]},
    {"id": "o-2", "region": "emea", "status": "new", "total": 17.5, "name": "Cloak",
     "lines": [{"sku": "040657863", "price": 107.99, "qty": 1}]},
    {"id": "o-3", "region": "apac", "status": "shipped", "total": 640, "name": "Trilby hat",
     "lines": [{"sku": "0406654603", "price": 0.1, "qty": 4}]}]})";

class Allocation : public testing::TestWithParam<std::string_view> {};

TEST_P(Allocation, WarmEvaluation_TakesNoHeapMemory) {
  json::Arena document;
  const auto input = json::parse(kInput, document);
  ASSERT_TRUE(input);
  const auto expression = Expression::compile(GetParam(), Dialect::kReference);
  ASSERT_TRUE(expression) << expression.error().message;
  json::Arena arena;
  const Environment environment{.now_ms = 1'700'000'000'000};
  const auto run = [&] {
    arena.reset();
    return evaluate(**expression, *input, {}, arena, environment).has_value();
  };
  ASSERT_TRUE(run());
  const size_t before = allocations;
  const bool good = run();
  EXPECT_EQ(allocations, before);
  EXPECT_TRUE(good);
}

INSTANTIATE_TEST_SUITE_P(
    Expressions, Allocation,
    testing::Values("orders.lines.price", "orders[status = 'shipped' and total > 500].id",
                    "orders{region: {'n': $count($), 'total': $sum(total)}}",
                    "orders{$string(total): $round($sum(lines.(price * qty)), 2)}",
                    "$join(orders.($uppercase(name) & ' ' & $substring(id, 0, 2) & "
                    "$pad($string(total), -9)), '; ')",
                    "$reduce($map(orders.lines, function($l) { $l.price * $l.qty }), function($a, "
                    "$b) { $a + $b })",
                    "orders^(>total, id).name", "$ ~> |orders.lines|{'sum': price * qty}, ['sku']|",
                    "orders[$contains(name, /hat/i)].lines.{'order': %.id, 'price': price}",
                    "orders@$o.lines@$l[$l.qty > 1].{'id': $o.id, 'sku': $l.sku}",
                    "$split(orders[0].name, /[ a]/)", "$match(orders[0].id, /[0-9]/).match",
                    "$lowercase($trim(' A  B '))",
                    "$merge([orders[0], {'id': 'new', 'more': true}])",
                    "$sift(orders[0], function($v, $k) { $k != 'lines' })", "$sort(orders.total)",
                    "$distinct(orders.region)",
                    "(orders[2].total > 10000) or (orders[0].id in ['o-1', 'o-2'])"));

}  // namespace
}  // namespace weft::jsonata
