// Job folders of the local provider: <jobs>/<id>/ with job.json (the request), events.jsonl, lock, adapter/. The
// worker program ft-engine writes them; this reads them. Any thread; a folder is the only state.
#pragma once

#include <cstdint>
#include <filesystem>
#include <ft/provider.hpp>
#include <string>
#include <vector>

namespace local {

namespace fs = std::filesystem;
using ft::Json;

// The hyperparameters of one job: defaults filled in, ranges checked. Throws ft::Error naming key, value and range.
Json checked_hyperparameters(const Json& given);

struct JobFolder {
  fs::path path;

  std::string id() const { return path.filename().string(); }
  bool exists() const { return fs::exists(path / "job.json"); }
  Json request() const;  // job.json
  // Complete lines of events.jsonl from byte `after`; `next` is where to go on.
  std::vector<Json> events(std::uint64_t after, std::uint64_t& next) const;
  bool worker_alive() const;  // holds the folder's lock, or has been started and not taken it yet
  // {id, state, vendor_state, base_model, model, created_at, finished_at, trained_tokens, error, progress}
  Json describe(const std::string& project) const;
};

// Makes <jobs>/<id> with copies of the data and job.json, under a temporary name first.
JobFolder create_folder(const fs::path& jobs, const Json& request, const fs::path& base_model, const fs::path& train,
                        const fs::path& validation, int threads);

std::vector<JobFolder> all_jobs(const fs::path& jobs);  // oldest first

}  // namespace local
