package io.faultline.cli.doctor;

import io.faultline.uffd.Feature;
import java.util.Locale;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The diagnosis as JSON: {@code demo} (whether it can run), {@code fault_scope} ({@code
 * user_and_kernel}, {@code user_only} or {@code none}), {@code features}, {@code kvm}, {@code
 * checks} (section, name, mark, detail, remedy), {@code verdict}. Loads Jackson.
 */
final class JsonReport {
  private JsonReport() {}

  static String of(Diagnosis diagnosis) {
    JsonMapper mapper = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    ObjectNode root = mapper.createObjectNode();
    root.put("demo", diagnosis.demoWorks());
    root.put(
        "fault_scope",
        diagnosis.scope().map(scope -> scope.name().toLowerCase(Locale.ROOT)).orElse("none"));
    root.put("kvm", diagnosis.kvm());
    ArrayNode features = root.putArray("features");
    diagnosis.features().stream().sorted().map(Feature::name).forEach(features::add);
    ArrayNode checks = root.putArray("checks");
    for (Section section : diagnosis.sections()) {
      for (Finding finding : section.findings()) {
        ObjectNode check = checks.addObject();
        check.put("section", section.title());
        check.put("name", finding.name());
        check.put("mark", finding.severity().name().toLowerCase(Locale.ROOT));
        check.put("detail", finding.detail());
        check.put("remedy", finding.remedy());
      }
    }
    ArrayNode verdict = root.putArray("verdict");
    diagnosis.verdict().forEach(verdict::add);
    return mapper.writeValueAsString(root);
  }
}
