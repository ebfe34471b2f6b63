// SPDX-License-Identifier: MIT
//
// A user's program in C++11: the same product through a plan with options, and an error caught.
#include <gemmule/gemmule.h>

#include <iostream>
#include <memory>
#include <string>

int main() {
  gm_graph_options graph_options = GM_GRAPH_OPTIONS_INIT;
  gm_plan_options options = GM_PLAN_OPTIONS_INIT;
  gm_load_options load = GM_LOAD_OPTIONS_INIT;
  options.threads = 1;
  gm_error error = {};
  std::unique_ptr<gm_graph, void (*)(gm_graph *)> graph(gm_graph_new(&graph_options, &error), gm_graph_free);
  gm_node x = gm_ones(graph.get(), "x", GM_FLOAT32, "2, 3");
  gm_node xy = gm_name(graph.get(), gm_dot(graph.get(), x, gm_ones(graph.get(), "y", GM_FLOAT32, "3, 4")), "xy");
  std::unique_ptr<gm_plan, void (*)(gm_plan *)> plan(gm_plan_new(graph.get(), &xy, 1, &options, &error), gm_plan_free);
  std::unique_ptr<gm_executor, void (*)(gm_executor *)> executor(gm_executor_new(plan.get(), &error), gm_executor_free);
  if (gm_executor_run(executor.get(), &error) != GM_OK) return 1;
  char text[200];
  gm_node_text(graph.get(), xy, text, sizeof text);
  std::cout << text << "\n";
  gm_tensor_text(gm_executor_output(executor.get(), 0), text, sizeof text);
  std::cout << text << std::endl;
  const std::string broken = "gemmule: 1\nnodes: {y: {dot: [nobody, x]}}\n";
  return gm_graph_parse(broken.data(), broken.size(), &load, &error) == nullptr && error.line == 2 ? 0 : 1;
}
