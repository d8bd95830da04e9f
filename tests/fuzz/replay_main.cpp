// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz driver over files instead of invented input: every file named on the command line, and
// every file in a folder named there. Fails when there is none: an empty corpus proves nothing.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

bool replay(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::vector<char> content{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) {
    std::fprintf(stderr, "cannot read %s\n", file.c_str());
    return false;
  }
  // A copy of exactly this size, so that a sanitizer sees a read past the end.
  const std::vector<std::uint8_t> bytes(content.begin(), content.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  std::size_t passed = 0;
  std::size_t failed = 0;
  for (int i = 1; i < count; ++i) {
    std::vector<std::filesystem::path> files;
    if (std::filesystem::is_directory(arguments[i])) {
      for (const auto& entry : std::filesystem::directory_iterator(arguments[i]))
        if (entry.is_regular_file()) files.push_back(entry.path());
    } else {
      files.emplace_back(arguments[i]);
    }
    for (const auto& file : files) ++(replay(file) ? passed : failed);
  }
  std::printf("%zu files replayed, %zu not readable\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}
