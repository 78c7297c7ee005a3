// The worker's commands over a job folder. Each holds the folder's lock, writes its events and ends with exactly one of
// the states succeeded, failed and cancelled. They return the process's exit code: 0, 1, or 130 for cancelled.
#pragma once

#include <filesystem>
#include <functional>

#include "job_folder.hpp"
#include "trainer.hpp"

namespace fthost::engine {

int run_train(const std::filesystem::path& folder);     // method "sft": LoRA on a base model
int run_pretrain(const std::filesystem::path& folder);  // method "pretrain": tokenizer and weights from nothing

// Opens the folder, says `running`, runs the body on its job.json and says what became of it.
// The body returns the fields of the last state event: of `succeeded`, or of `cancelled` when it says so.
struct JobOutcome {
  bool cancelled = false;
  Json fields = Json::object();
};
int run_job(const std::filesystem::path& folder,
            const std::function<Result<JobOutcome>(JobFolder&, const Json&)>& body);

// The hooks that write `metrics` and `validation` events and ask for a cancel.
TrainHooks event_hooks(JobFolder& job);
// Says how many rows were read, cut and left out.
void report_dataset(JobFolder& job, const std::string& name, const Dataset& data);
// A path of job.json: relative ones are relative to the job's folder.
std::filesystem::path job_path(const JobFolder& job, const std::string& text);

}  // namespace fthost::engine
