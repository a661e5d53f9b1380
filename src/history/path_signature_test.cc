#include "history/path_signature.h"

#include <gtest/gtest.h>

namespace weft::history {
namespace {

Event entered(std::string name) {
  Event event{.type = EventType::kTaskStateEntered};
  event.name = std::move(name);
  return event;
}

Event failed(std::string error) {
  Event event{.type = EventType::kTaskFailed};
  event.error = std::move(error);
  return event;
}

uint32_t path_of(const std::vector<Event>& events) {
  PathSignature path;
  for (const Event& event : events) path.add(event);
  return path.value();
}

TEST(PathSignature, SameStatesInAnyOrder_AreOnePath) {
  EXPECT_EQ(path_of({entered("A"), entered("B")}), path_of({entered("B"), entered("A")}));
  EXPECT_NE(path_of({entered("A"), entered("B")}), path_of({entered("A"), entered("C")}));
  EXPECT_NE(path_of({entered("A")}), path_of({entered("A"), entered("B")}));
}

TEST(PathSignature, FailedAttempts_MakeAnotherPathByTheirError) {
  EXPECT_NE(path_of({entered("A")}), path_of({entered("A"), failed("E")}));
  EXPECT_NE(path_of({entered("A"), failed("F")}), path_of({entered("A"), failed("E")}));
}

TEST(PathSignature, Counts_TellPathsApartInPowersOfTwo) {
  std::vector<Event> four(4, entered("A"));
  std::vector<Event> five(5, entered("A"));
  std::vector<Event> eight(8, entered("A"));
  EXPECT_EQ(path_of(four), path_of(five));
  EXPECT_NE(path_of(five), path_of(eight));
}

TEST(PathSignature, OtherEvents_DoNotCount) {
  EXPECT_EQ(path_of({entered("A"), {.type = EventType::kTaskSucceeded}}), path_of({entered("A")}));
  EXPECT_NE(path_of({}), 0u);
  EXPECT_LT(path_of({entered("A")}), 1u << 24);
}

}  // namespace
}  // namespace weft::history
