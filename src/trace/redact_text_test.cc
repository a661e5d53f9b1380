#include "trace/redact_text.h"

#include <gtest/gtest.h>

#include "trace/redact.h"

namespace weft::trace {
namespace {

struct Case {
  std::string text;
  std::string shown;
};

constexpr const char* kToken =
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";

TEST(Redactor, Texts_AreHiddenBehindNames) {
  const std::vector<Case> cases = {
      {"login with password=hunter2 for bob", "login with password=[redacted] for bob"},
      {"DB_PASSWORD = hunter2, host = h", "DB_PASSWORD = [redacted], host = h"},
      {"password: hunter2", "password: [redacted]"},
      {"ssn=078-05-1120, pin: 1234", "ssn=[redacted], pin: [redacted]"},
      {"her number is 078-05-1120", "her number is 078-05-1120"},
      {"password:hunter2;user:bob", "password:[redacted];user:bob"},
      {"api key: k1 and the secret access key: k2",
       "api key: [redacted] and the secret access key: [redacted]"},
      {"GET /a?x=1&api_key=k&y=2", "GET /a?x=1&api_key=[redacted]&y=2"},
      {"X-Amz-Signature=0fab&X-Amz-Date=1", "X-Amz-Signature=[redacted]&X-Amz-Date=1"},
      {R"(INFO {"password": "a\"b", "n": 1})", R"(INFO {"password": "[redacted]", "n": 1})"},
      {R"(sent "{\"token\":\"t\",\"n\":1}")", R"(sent "{\"token\":\"[redacted]\",\"n\":1}")"},
      {R"(sent {\\\"token\\\":\\\"t\\\"})", R"(sent {\\\"token\\\":\\\"[redacted]\\\"})"},
      {"{ token: 't', name: 'n' }", "{ token: '[redacted]', name: 'n' }"},
      {"{'token': b'abc', 'n': 1}", "{'token': b'[redacted]', 'n': 1}"},
      {"{ credentials: { id: 'a', x: [ 1 ] }, n: 1 }", "{ credentials: [redacted], n: 1 }"},
      {":token => \"t\", :n => 1", ":token => \"[redacted]\", :n => 1"},
      {"<Password>p</Password><n>1</n>", "<Password>[redacted]</Password><n>1</n>"},
      {"psql --password p --host h", "psql --password [redacted] --host h"},
      {"Authorization: Bearer abc", "Authorization: [redacted]"},
      {"> authorization: Digest username=\"u\", x", "> authorization: [redacted]\"u\", x"},
      {"curl -H 'Authorization: Basic a b' url", "curl -H 'Authorization: [redacted]' url"},
      {"Cookie: a=1; b=2\nHost: h", "Cookie: [redacted]\nHost: h"},
      {"cookie=Cookie: sid=A; b=B\nnext", "cookie=[redacted]\nnext"},
      {"cookie=Cookie:sid=A; b=B", "cookie=[redacted]"},
      {"h=Set-Cookie: sid=A; b=B", "h=Set-Cookie: [redacted]"},
      {"auth_token=Authorization: Custom a b", "auth_token=[redacted]"},
      {"token=token: abc next", "token=[redacted] next"},
      {"token=Token: 'a b' next", "token=[redacted] '[redacted]' next"},
      {"headers [ { name: 'password', value: 'S' } ]",
       "headers [ { name: 'password', value: '[redacted]' } ]"},
      {R"(x {"name":"password","value":"S"})", R"(x {"name":"password","value":"[redacted]"})"},
      {R"(x {"value":"S","name":"password"} y)", R"(x {"value":"[redacted]","name":"password"} y)"},
      {R"(x {"Value":"a","n":1,"Key":"db_pass"})",
       R"(x {"Value":"[redacted]","n":1,"Key":"db_pass"})"},
      {R"(x "{\"name\":\"password\",\"value\":\"S\"}")",
       R"(x "{\"name\":\"password\",\"value\":\"[redacted]\"}")"},
      {"{'name': 'token', 'value': 'S'}, {'name': 'n', 'value': 'v'}",
       "{'name': 'token', 'value': '[redacted]'}, {'name': 'n', 'value': 'v'}"},
      {"x { name: 'n', value: 'v' }, { name: 'password' }",
       "x { name: 'n', value: 'v' }, { name: 'password' }"},
      {"token=Bearer abc next", "token=[redacted] next"},
      {"secret: 'open", "secret: '[redacted]"},
      {"secret: {open", "secret: [redacted]"},
      {"password=one password=two", "password=[redacted] password=[redacted]"},
  };
  const Redactor redactor;
  for (const auto& [text, shown] : cases) {
    EXPECT_EQ(redactor.clean(text), shown);
    EXPECT_EQ(redactor.clean(shown), shown) << "again";
  }
}

TEST(Redactor, Texts_AreHiddenBehindOtherSigns) {
  const std::vector<Case> cases = {
      {"password := x, n := 1", "password := [redacted], n := 1"},
      {"PASSWORD ?= x", "PASSWORD ?= [redacted]"},
      {"password == 'x'", "password == '[redacted]'"},
      {"password->x next", "password->[redacted] next"},
      {"password -> x next", "password -> [redacted] next"},
      {"\x1b[31mpwd\x1b[0m=\x1b[1;32mhunter2 next", "\x1b[31mpwd\x1b[0m=\x1b[1;32m[redacted] next"},
      {"password\x1b[0m: \x1b[33m\"a b\"\x1b[0m", "password\x1b[0m: \x1b[33m\"[redacted]\"\x1b[0m"},
      {R"(password\u001b[0m=x next)", R"(password\u001b[0m=[redacted] next)"},
      {"/cb?client_secret%3Dx%26state%3Dy", "/cb?client_secret%3D[redacted]%26state%3Dy"},
      {"next=%2Fa%3Fsig%3Dx%26b%3Dy", "next=%2Fa%3Fsig%3D[redacted]%26b%3Dy"},
      {"to=token%253Dx%2526n%253D1", "to=token%253D[redacted]%2526n%253D1"},
      {"q=%7B%22password%22%3A%22x%22%2C%22n%22%3A1%7D",
       "q=%7B%22password%22%3A%22[redacted]%22%2C%22n%22%3A1%7D"},
      {"password:\n  hunter2\nhost: h", "password:\n  [redacted]\nhost: h"},
      {"password=\r\nhunter2==\r\nhost: h", "password=\r\n[redacted]\r\nhost: h"},
      {"\"password\":\n  \"a b\",\n  \"n\": 1", "\"password\":\n  \"[redacted]\",\n  \"n\": 1"},
      {"password: |\n  hunter2\n  again\nhost: h", "password: |\n  [redacted]\nhost: h"},
      {"token: >-\n  abc def\nhost: h", "token: >-\n  [redacted]\nhost: h"},
      {"sent [[\"authorization\", \"x\"], [\"n\", \"v\"]]",
       "sent [[\"authorization\", \"[redacted]\"], [\"n\", \"v\"]]"},
      {"sent [('n', 'v'), ('authorization', 'x')]",
       "sent [('n', 'v'), ('authorization', '[redacted]')]"},
  };
  const Redactor redactor;
  for (const auto& [text, shown] : cases) {
    EXPECT_EQ(redactor.clean(text), shown);
    EXPECT_EQ(redactor.clean(shown), shown) << "again";
  }
}

TEST(Redactor, Texts_AreHiddenByTheirForm) {
  const std::vector<Case> cases = {
      {std::string("got ") + kToken + " back", "got [redacted] back"},
      {"using Bearer a1b2c3d4e5 now", "using Bearer [redacted] now"},
      {"key AKIAIOSFODNN7EXAMPLE, wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
       "key [redacted], [redacted]"},
      {"(id=ASIAIOSFODNN7EXAMPLE)", "(id=[redacted])"},
      {"postgres://bob:p4ss@db/x", "postgres://bob:[redacted]@db/x"},
      {"ghp_0123456789abcdefABCDEF0123456789abcd", "[redacted]"},
      {"a -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- b", "a [redacted] b"},
      {"-----BEGIN PRIVATE KEY-----\nMII", "[redacted]"},
  };
  const Redactor redactor;
  const Redactor none = *Redactor::create({.secrets = false});
  const Redactor own = *Redactor::create({.secrets = false, .keys = {"card"}});
  for (const auto& [text, shown] : cases) {
    EXPECT_EQ(redactor.clean(text), shown);
    EXPECT_EQ(redactor.clean(shown), shown) << "again";
    EXPECT_EQ(none.clean(text), text);
    EXPECT_EQ(own.clean(text), text);
  }
  EXPECT_EQ(own.clean("card: 42, password: p"), "card: [redacted], password: p");
}

TEST(Redactor, Texts_WithoutSecretsStayAsTheyAre) {
  const Redactor redactor;
  for (const std::string text : {"",
                                 " ",
                                 "=",
                                 "password",
                                 "password=",
                                 "password:",
                                 "password: ",
                                 "token: null",
                                 "token=true,",
                                 "the bearer of news",
                                 "Bearer authentication required",
                                 "Basic authentication is off",
                                 "Unexpected token } in JSON at position 4",
                                 "std::token::value",
                                 "https://host:80/a@b",
                                 "sha 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
                                 "s3://photos/2024/Summer/IMG1.jpg",
                                 "MAKIAIOSFODNN7EXAMPLES",
                                 "eyJ.a.b",
                                 "{\"n\": 1,  \"m\" : [ 2 ]}",
                                 "-----BEGIN CERTIFICATE-----\nMII",
                                 "\xff\xfe=\x80",
                                 "12:30:45 INFO started",
                                 "secrets:\n  name: n\n",
                                 "PASSWORD=\nHOME=/root\n",
                                 "Unexpected token:\n    at JSON.parse (a.js:1)",
                                 "fields ['password', 'user']",
                                 "select(\"token\", \"user\")",
                                 "100%25 of tokens, 5%3A token",
                                 "a->b, token-> ",
                                 "\x1b[31mtoken\x1b[0m"}) {
    EXPECT_EQ(redactor.clean(text), text);
  }
}

TEST(Redactor, TextsThatAreJson_AreHiddenByMember) {
  const Redactor redactor;
  EXPECT_EQ(redactor.clean(R"( {"user" : "u", "password" : 12345, "msg": "token=t"})"),
            R"({"user":"u","password":"[redacted]","msg":"token=[redacted]"})");
  EXPECT_EQ(redactor.clean(R"([{"errorMessage":"bad", "trace":["at password=x"]}])"),
            R"([{"errorMessage":"bad","trace":["at password=[redacted]"]}])");
  const Redactor paths = *Redactor::create({.paths = {"$.a"}, .bytes_max = 4});
  EXPECT_EQ(paths.uncut(R"({"a":1,"b":"12345"})"), R"({"a":"[redacted]","b":"12345"})");
  EXPECT_EQ(paths.uncut(R"({"b": "12345"})"), R"({"b": "12345"})");
  EXPECT_EQ(paths.uncut("password=p"), "password=[redacted]");
  EXPECT_EQ(paths.uncut(R"("password=p")"), R"("password=[redacted]")");
}

// Work that grew with the square of the length would not end.
TEST(Redactor, LongTexts_TakeTimeByTheirLength) {
  const Redactor redactor;
  for (const std::string part : {"a=",
                                 "token=",
                                 "token: {",
                                 "token: '",
                                 "-----BEGIN ",
                                 "eyJ.",
                                 "://a",
                                 "AKIA",
                                 "token ",
                                 "\\\"token\\\" ",
                                 "<token>",
                                 "{value:",
                                 "{value: ' name: ",
                                 "token=token: ",
                                 "--token ",
                                 "token\\",
                                 "Bearer ",
                                 "{\"a\":",
                                 "api key ",
                                 "[",
                                 "token:=",
                                 "token->",
                                 "token%3D",
                                 "%22token%22%3A%22",
                                 "%25",
                                 "token%2525252525",
                                 "\x1b[31m",
                                 "token\x1b[0m",
                                 "token: \x1b[",
                                 "token:\n",
                                 "token:\na",
                                 "token: |\n ",
                                 "[[\"token\",",
                                 "[['token','",
                                 "-----BEGIN PRIVATE KEY-----",
                                 "AKIAABCDEFGHIJKLMNOP.",
                                 "ASIAABCDEFGHIJKLMNOP-"}) {
    std::string text;
    while (text.size() < 2'000'000) text += part;
    EXPECT_LE(redactor.clean(text).size(), 10 * text.size());
  }
}

}  // namespace
}  // namespace weft::trace
