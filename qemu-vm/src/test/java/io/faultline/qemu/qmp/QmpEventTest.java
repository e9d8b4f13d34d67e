package io.faultline.qemu.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class QmpEventTest {
  @Test
  void eventsAreParsed() {
    JsonNode stop =
        json("{\"timestamp\": {\"seconds\": 7, \"microseconds\": 12}, \"event\": \"STOP\"}");
    assertThat(QmpEvent.of(stop)).contains(new QmpEvent("STOP", 7_000_012, ""));
    assertThat(QmpEvent.of(migration("completed"))).get().matches(QmpEvent::endsMigration);
    assertThat(QmpEvent.of(migration("active"))).get().matches(event -> !event.endsMigration());
    assertThat(QmpEvent.of(json("{\"return\": {}}"))).isEmpty();
  }

  private static JsonNode migration(String status) {
    return json(
        "{\"timestamp\": {\"seconds\": 8, \"microseconds\": 0}, \"event\": \"MIGRATION\","
            + " \"data\": {\"status\": \""
            + status
            + "\"}}");
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }
}
