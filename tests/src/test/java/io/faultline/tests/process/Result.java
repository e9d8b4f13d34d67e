package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The result that a command wrote with {@code --json}. */
record Result(JsonNode json) {
  private static final String[] PERCENTILES = {"p50", "p90", "p99", "p999", "max"};

  static Result read(Path file) throws IOException {
    return new Result(JsonMapper.shared().readTree(Files.readString(file)));
  }

  String text(String key) {
    return at(key).asString();
  }

  long number(String key) {
    return at(key).asLong();
  }

  List<Long> numbers(String key) {
    List<Long> numbers = new ArrayList<>();
    at(key).forEach(each -> numbers.add(each.asLong()));
    return numbers;
  }

  double decimal(String key) {
    return at(key).asDouble();
  }

  boolean isVerified() {
    return at("verified").asBoolean();
  }

  /** The value of a key, or of {@code outer.inner}. */
  JsonNode at(String key) {
    JsonNode value = json;
    for (String part : key.split("\\.", -1)) {
      value = value.path(part);
    }
    assertThat(value.isMissingNode()).as("%s is absent from %s", key, json).isFalse();
    return value;
  }

  /** Checks the result of a simulated VM that was migrated and verified. */
  void assertMigrated(long ramBytes, int vcpus) {
    assertThat(text("vm")).isEqualTo("simulated");
    assertThat(number("ram_bytes")).isEqualTo(ramBytes);
    assertThat(number("pages.total") * number("pages.page_bytes")).isEqualTo(ramBytes);
    assertMigrated(vcpus);
  }

  /**
   * Checks the result of a VM that was migrated and verified: counts add up, times are possible.
   */
  void assertMigrated(int vcpus) {
    assertVerified();
    assertThat(text("mode")).isIn("postcopy", "hybrid", "precopy");
    assertThat(text("engine")).isIn("kernel", "simulated");
    assertThat(text("placement")).isIn("copy", "continue");
    assertPages();
    assertTimes();
    assertFaults(vcpus);
  }

  void assertVerified() {
    assertThat(text("status")).as("status in %s", json).isEqualTo("completed");
    assertThat(isVerified()).as("verified in %s", json).isTrue();
    assertThat(json.has("error")).as("an error in %s", json).isFalse();
  }

  private void assertPages() {
    long sent = number("pages.urgent") + number("pages.background") + number("pages.zero");
    long arrived = sent - number("pages.resent");
    assertThat(arrived + number("pages.current")).as("pages").isEqualTo(number("pages.total"));
    assertThat(number("pages.placed")).as("pages placed").isEqualTo(arrived);
    assertThat(number("pages.present")).as("pages sent twice").isZero();
    long withData = number("pages.urgent") + number("pages.background");
    long bytes = number("bytes_sent") + json.at("/compression/bytes_saved").asLong(0);
    assertThat(bytes).isGreaterThanOrEqualTo(withData * number("pages.page_bytes"));
    if (number("recoveries") > 0) {
      return; // requests may be answered twice, or be read and dropped
    }
    if (text("placement").equals("copy")) { // each request brings a whole page of the backing
      long served = number("requests.received") - number("requests.duplicate");
      assertThat(served * number("page_size") / number("pages.page_bytes"))
          .as("pages of requests, without duplicates")
          .isBetween(
              number("pages.urgent") - number("pages.prefetched"),
              number("pages.urgent") + number("pages.zero"));
    }
    assertThat(number("faults")).isGreaterThanOrEqualTo(number("requests.received"));
  }

  private void assertTimes() {
    assertThat(decimal("downtime_ms")).isPositive().isLessThan(decimal("total_ms"));
    assertThat(decimal("setup_ms")).isPositive().isLessThan(decimal("total_ms"));
    assertThat(decimal("guest_pause_ms")).isNotNegative();
    assertThat(decimal("throughput_mib_s")).isPositive();
  }

  private void assertFaults(int vcpus) {
    assertThat(at("blocktime_ms.per_vcpu").size()).isEqualTo(vcpus);
    double sum = 0;
    for (JsonNode each : at("blocktime_ms.per_vcpu")) {
      sum += each.asDouble();
    }
    assertThat(sum).isCloseTo(decimal("blocktime_ms.total"), within(0.01));
    if (!json.has("fault_latency_us")) {
      assertThat(sum).as("blocktime without a fault").isZero();
      return;
    }
    double before = 0;
    for (String percentile : PERCENTILES) {
      double next = decimal("fault_latency_us." + percentile);
      assertThat(next).as("fault latency, %s", percentile).isGreaterThanOrEqualTo(before);
      before = next;
    }
    assertThat(decimal("fault_latency_us.mean")).isPositive().isLessThanOrEqualTo(before);
  }
}
