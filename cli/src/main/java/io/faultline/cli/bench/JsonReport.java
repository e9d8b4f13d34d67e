package io.faultline.cli.bench;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Everything, with every sample, for programs. */
final class JsonReport {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private JsonReport() {}

  static String of(BenchResult result) {
    ObjectNode json = MAPPER.createObjectNode();
    ObjectNode machine = json.putObject("machine");
    result.facts().forEach(machine::put);
    addCases(json.putArray("cases"), result);
    ArrayNode ratios = json.putArray("ratios");
    for (Ratio ratio : result.ratios()) {
      ObjectNode each = ratios.addObject();
      each.put("above", ratio.above()).put("below", ratio.below());
      each.put("metric", ratio.metric().key());
      add(each, result.value(ratio));
    }
    ArrayNode targets = json.putArray("targets");
    for (Target target : result.targets()) {
      ObjectNode each = targets.addObject().put("title", target.title());
      each.put("wanted", target.wanted());
      target
          .measured(result)
          .ifPresent(spread -> add(each.put("met", target.isMet(spread)), spread));
    }
    ArrayNode samples = json.putArray("samples");
    result.samples().all().forEach(sample -> add(samples.addObject(), sample));
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
  }

  private static void addCases(ArrayNode array, BenchResult result) {
    for (BenchCase each : result.cases()) {
      ObjectNode json = array.addObject();
      json.put("name", each.name()).put("figure", each.figure().key());
      json.put("title", each.title()).put("command", each.command());
      ObjectNode values = json.putObject("values");
      for (Metric metric : Metric.values()) {
        result
            .samples()
            .spread(each.name(), metric)
            .ifPresent(spread -> add(values.putObject(metric.key()), spread));
      }
    }
  }

  private static void add(ObjectNode json, Spread spread) {
    json.put("median", spread.median()).put("min", spread.min()).put("max", spread.max());
    json.put("count", spread.count());
  }

  private static void add(ObjectNode json, Samples.Sample sample) {
    json.put("case", sample.name()).put("round", sample.round());
    if (sample.problem() != null) {
      json.put("problem", sample.problem()).put("failed", sample.failed());
    }
    ObjectNode values = json.putObject("values");
    sample.values().forEach((metric, value) -> values.put(metric.key(), value));
  }
}
