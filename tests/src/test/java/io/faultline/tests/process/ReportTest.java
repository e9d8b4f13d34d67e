package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code --report} of real migrations. */
class ReportTest {
  private static final long MOST_BYTES = 2_000_000;

  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void browserFindsTheMarksOfTheTimeline(@TempDir Path scratch) throws Exception {
    Browser.require();
    Path report = processes.file("report.html");
    Demo demo =
        Demo.run(
            processes,
            List.of("--ram=64m", "--vcpus=2", "--workload=uniform", "--bandwidth=100m"),
            "--report=" + report);
    assertSelfContained(report);
    String dom = Browser.dom(report, scratch);
    long faults = demo.result().number("faults");
    assertThat(count(dom, "data-mark=\"fault\"")).isPositive().isLessThanOrEqualTo(faults);
    assertThat(number(dom, "data-mark=\"faults\" data-count=\"(\\d+)\"")).isEqualTo(faults);
    assertThat(count(dom, "data-mark=\"downtime\"")).isEqualTo(1);
    double downtime = number(dom, "data-mark=\"downtime\" data-nanos=\"(\\d+)\"") / 1e6;
    assertThat(downtime).isCloseTo(demo.result().decimal("downtime_ms"), within(0.001));
    assertThat(count(dom, "data-mark=\"vcpu\"")).isEqualTo(2);
    assertThat(count(dom, "data-phase=\"postcopy\"")).as("on both sides").isEqualTo(2);
    assertThat(count(dom, "data-phase=\"setup\"")).as("on both sides").isEqualTo(2);
    for (String mark : List.of("throughput", "remaining", "switchover", "memory-map", "numbers")) {
      assertThat(count(dom, "data-mark=\"" + mark + "\"")).as(mark).isEqualTo(1);
    }
  }

  @Test
  void faultsThatWerePrefetchedAreTheDuplicateRequests() throws Exception {
    Path report = processes.file("report.html");
    Demo demo =
        Demo.run(
            processes,
            List.of("--ram=64m", "--vcpus=4", "--workload=sequential", "--prefetch=on"),
            "--report=" + report);
    String page = Files.readString(report);
    long faults = demo.result().number("faults");
    long urgent = count(page, "data-kind='urgent'");
    long prefetched = count(page, "data-kind='prefetched'");
    assertThat(urgent + prefetched).isEqualTo(faults);
    // A page that was prefetched alone counts as urgent.
    assertThat(prefetched).isLessThanOrEqualTo(demo.result().number("requests.duplicate"));
  }

  @Test
  void eachSideDrawsWhatItKnows() throws Exception {
    Path destReport = processes.file("dest.html");
    Path sourceReport = processes.file("source.html");
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--report=" + destReport);
    Node source =
        processes.start(
            "source",
            "--to=127.0.0.1:" + dest.awaitPort(),
            "--mode=hybrid",
            "--ram=64m",
            "--report=" + sourceReport);
    source.awaitSuccess();
    dest.awaitSuccess();
    assertSelfContained(destReport);
    assertSelfContained(sourceReport);
    String atSource = Files.readString(sourceReport);
    assertThat(count(atSource, "data-phase='precopy'")).isPositive();
    assertThat(count(atSource, "data-mark='downtime'")).isEqualTo(1);
    assertThat(count(atSource, "data-mark='round-end'")).isPositive();
    assertThat(count(atSource, "data-mark='memory-map'")).isZero();
    String atDest = Files.readString(destReport);
    assertThat(count(atDest, "data-mark='memory-map'")).isEqualTo(1);
    assertThat(count(atDest, "data-phase='postcopy'")).isEqualTo(1);
    assertThat(count(atDest, "data-mark='downtime'")).as("known to the source").isZero();
  }

  private static void assertSelfContained(Path report) throws Exception {
    assertThat(Files.size(report)).isBetween(10_000L, MOST_BYTES);
    assertThat(Files.readString(report)).doesNotContain("http", "<script", "url(", "src=");
  }

  private static long count(String text, String mark) {
    return Pattern.compile(Pattern.quote(mark)).matcher(text).results().count();
  }

  private static long number(String text, String pattern) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult found) -> Long.parseLong(found.group(1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing matches " + pattern));
  }
}
