package io.faultline.cli.bench.report;

import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.BenchResult;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.Ratio;
import io.faultline.cli.bench.result.Samples;
import io.faultline.cli.bench.result.Summary;
import io.faultline.cli.bench.result.Target;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The report as JSON, with every sample. */
public final class JsonReport {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private JsonReport() {}

  public static String of(BenchResult result) {
    ObjectNode json = MAPPER.createObjectNode();
    ObjectNode machine = json.putObject("machine");
    result.facts().forEach(machine::put);
    addCases(json.putArray("cases"), result);
    ArrayNode ratios = json.putArray("ratios");
    for (Ratio ratio : result.ratios()) {
      ObjectNode each = ratios.addObject();
      each.put("above", ratio.numerator()).put("below", ratio.denominator());
      each.put("metric", ratio.metric().key());
      add(each, result.value(ratio));
      markBelow(each, result, ratio.denominator());
    }
    ArrayNode targets = json.putArray("targets");
    for (Target target : result.targets()) {
      ObjectNode each = targets.addObject().put("title", target.title());
      each.put("wanted", target.wanted());
      target.measured(result).ifPresent(value -> add(each, target, value, result));
    }
    ArrayNode samples = json.putArray("samples");
    result.samples().all().forEach(sample -> add(samples.addObject(), sample));
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
  }

  private static void add(ObjectNode json, Target target, Summary value, BenchResult result) {
    result.isMet(target, value).ifPresent(met -> json.put("met", met));
    add(json, value);
    markBelow(json, result, target.baseline());
  }

  private static void markBelow(ObjectNode json, BenchResult result, String denominator) {
    if (result.samples().isUnfinished(denominator)) {
      json.put("less_than", true);
    }
  }

  private static void addCases(ArrayNode array, BenchResult result) {
    for (BenchCase each : result.cases()) {
      ObjectNode json = array.addObject();
      json.put("name", each.name()).put("figure", each.table().key());
      json.put("title", each.title()).put("command", each.command());
      ObjectNode values = json.putObject("values");
      for (Metric metric : Metric.values()) {
        result
            .samples()
            .summary(each.name(), metric)
            .ifPresent(summary -> add(values.putObject(metric.key()), summary));
      }
    }
  }

  private static void add(ObjectNode json, Summary summary) {
    json.put("median", summary.median()).put("min", summary.min()).put("max", summary.max());
    json.put("count", summary.count());
  }

  private static void add(ObjectNode json, Samples.Sample sample) {
    json.put("case", sample.name()).put("round", sample.round());
    if (sample.problem() != null) {
      json.put("problem", sample.problem()).put("failed", sample.failed());
    }
    if (sample.unfinished()) {
      json.put("more_than", true);
    }
    ObjectNode values = json.putObject("values");
    sample.values().forEach((metric, value) -> values.put(metric.key(), value));
  }
}
