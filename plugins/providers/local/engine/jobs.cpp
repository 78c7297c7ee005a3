#include "jobs.hpp"

#include <unistd.h>

#include <iostream>

namespace fthost::engine {

int run_job(const std::filesystem::path& path, const std::function<Result<JobOutcome>(JobFolder&, const Json&)>& body) {
  catch_cancel_signals();
  auto opened = JobFolder::open(path);
  if (!opened) {
    std::cerr << "ft-engine: " << opened.error().sentence() << "\n";
    return 2;
  }
  JobFolder& job = *opened;
  const auto failed = [&](const Error& error) {
    std::cerr << "ft-engine: " << error.sentence() << "\n";
    job.event("state", {{"state", "failed"},
                        {"error", {{"message", error.message}, {"where", error.where}, {"hint", error.hint}}}});
    return 1;
  };
  try {
    job.event("state", {{"state", "running"}, {"pid", ::getpid()}});
    auto description = read_json(path / "job.json");
    if (!description) return failed(description.error());
    Result<JobOutcome> outcome = make_error(Code::internal, "no outcome");
    try {
      outcome = body(job, *description);
    } catch (const Failure& failure) {
      return failed(failure.error());
    } catch (const std::bad_alloc&) {
      return failed(
          make_error(Code::limit, "out of memory", path.string(), "use a smaller batch_size or max_seq_length"));
    } catch (const c10::Error& error) {
      return failed(
          make_error(Code::internal, error.what_without_backtrace(), path.string(), "report this as a defect"));
    } catch (const std::exception& error) {
      return failed(make_error(Code::internal, error.what(), path.string(), "report this as a defect"));
    }
    if (!outcome) return failed(outcome.error());
    Json fields = {{"state", outcome->cancelled ? "cancelled" : "succeeded"}};
    fields.update(outcome->fields);
    job.event("state", fields);
    return outcome->cancelled ? 130 : 0;
  } catch (const Failure& failure) {  // the events file itself cannot be written
    std::cerr << "ft-engine: " << failure.error().sentence() << "\n";
    return 1;
  }
}

TrainHooks event_hooks(JobFolder& job) {
  TrainHooks hooks;
  hooks.cancelled = [&job] { return job.cancel_requested(); };
  hooks.metrics = [&job](const StepMetrics& m) {
    job.event("metrics", {{"step", m.step},
                          {"total_steps", m.total_steps},
                          {"epoch", m.epoch},
                          {"loss", m.loss},
                          {"learning_rate", m.learning_rate},
                          {"grad_norm", m.grad_norm},
                          {"tokens_per_second", m.tokens_per_second},
                          {"tokens", m.tokens},
                          {"seconds", m.seconds}});
  };
  hooks.validation = [&job](std::int64_t step, double loss) {
    job.event("validation", {{"step", step}, {"loss", loss}});
  };
  return hooks;
}

void report_dataset(JobFolder& job, const std::string& name, const Dataset& data) {
  job.message("info",
              name + ": " + std::to_string(data.size()) + " rows, " + std::to_string(data.tokens()) + " tokens");
  if (data.truncated() > 0)
    job.message("warning", name + ": " + std::to_string(data.truncated()) + " rows were too long and lost their end");
  if (data.skipped() > 0)
    job.message("warning", name + ": " + std::to_string(data.skipped()) +
                               " rows were left out; the first: " + data.first_problem());
}

std::filesystem::path job_path(const JobFolder& job, const std::string& text) {
  return job.path() / std::filesystem::path(text);  // an absolute path replaces the left side
}

}  // namespace fthost::engine
