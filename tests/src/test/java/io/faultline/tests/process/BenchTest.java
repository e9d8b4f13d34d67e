package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.tests.migration.MigrationHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** {@code bench --quick}: checks that it works; figures of a busy machine mean nothing. */
class BenchTest {
  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void selectedCasesAreReportedAsTextJsonAndHtml() throws Exception {
    Path json = processes.file("bench.json");
    Path html = processes.file("bench.html");
    Node bench = start("--only=fault-idle,bulk", "--floor", "--json=" + json, "--html=" + html);
    bench.awaitSuccess();
    bench.assertNoStackTrace();
    assertThat(bench.out()).anyMatch(line -> line.startsWith("| idle link "));
    assertThat(bench.out()).noneMatch(line -> line.startsWith("| zipf "));
    Result result = Result.read(json);
    assertThat(result.text("machine.Kernel")).startsWith("Linux");
    assertThat(result.at("cases").size()).isGreaterThanOrEqualTo(2);
    JsonNode idle = valuesOf("fault-idle", result);
    assertThat(idle.path("faults").asLong()).isGreaterThan(1000);
    assertThat(idle.path("fault_p50").asDouble()).isGreaterThan(10);
    assertThat(idle.path("fault_p99").asDouble())
        .isGreaterThanOrEqualTo(idle.path("fault_p50").asDouble());
    JsonNode bulk = valuesOf("bulk", result);
    assertThat(bulk.path("throughput").asDouble()).isPositive();
    assertThat(bulk.path("dest_cpu").asDouble()).isPositive();
    assertThat(bulk.path("dest_memory").asDouble()).isPositive();
    assertThat(Files.readString(html)).contains("<svg", "idle link");
  }

  @Test
  void qemuMigratesAnEqualGuestInTheSameRounds() throws Exception {
    MigrationHost.assumeKvm();
    assumeTrue(
        Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(each -> Files.isExecutable(Path.of(each, "qemu-system-x86_64"))),
        "qemu-system-x86_64 is not installed");
    Path json = processes.file("bench.json");
    Path html = processes.file("bench.html");
    Node bench = start("--only=kvm-4k", "--qemu", "--json=" + json, "--html=" + html);
    bench.awaitSuccess();
    bench.assertNoStackTrace();
    Result result = Result.read(json);
    assertThat(result.text("machine.QEMU")).matches("[0-9]+\\.[0-9]+.*");
    assertThat(result.at("cases")).hasSize(3);
    for (String name : List.of("kvm-4k", "qemu-4k", "qemu-4k-preempt")) {
      JsonNode values = valuesOf(name, result);
      assertThat(values.path("throughput").asDouble()).as(name).isPositive();
      assertThat(values.path("blocked").asDouble()).as(name).isPositive();
      assertThat(values.path("downtime").asDouble()).as(name).isPositive();
      assertThat(values.path("longest").asDouble())
          .as(name)
          .isGreaterThanOrEqualTo(values.path("fault_p99").asDouble() / 2000);
    }
    assertThat(valuesOf("qemu-4k", result).path("sent").asDouble()).isBetween(32.0, 80.0);
    assertThat(bench.out())
        .anyMatch(line -> line.startsWith("| throughput, 4 KiB pages, relative"));
    assertThat(Files.readString(html)).contains("QEMU, preempt: 4 KiB pages");
  }

  @Test
  void continuesWithoutQemuWithAMessageAndCollectsGarbageWhileFaultsAreTimed() throws Exception {
    Path json = processes.file("bench.json");
    Node bench =
        processes.startWith(
            List.of("/usr/bin/env", "PATH=" + processes.file("nothing")),
            List.of("bench", "--quick", "--only=collector-serial", "--qemu", "--json=" + json));
    bench.awaitSuccess();
    assertThat(bench.err())
        .anyMatch(line -> line.contains("continuing without QEMU: qemu-system-x86_64 not found"))
        .anyMatch(line -> line.contains("sudo apt-get install qemu-system-x86"));
    JsonNode values = valuesOf("collector-serial", Result.read(json));
    assertThat(values.path("fault_p999").asDouble()).isPositive();
    assertThat(values.path("collections").asDouble()).isPositive();
  }

  @Test
  void processIsMovedWithTheDaemonOfCriuAndWithOurs() throws Exception {
    Path json = processes.file("bench.json");
    Node bench = start("--only=criu-idle", "--json=" + json);
    bench.awaitSuccess();
    bench.assertNoStackTrace();
    Result result = Result.read(json);
    for (JsonNode sample : result.at("samples")) {
      assumeTrue(sample.path("problem").isMissingNode(), sample.path("problem").asString(""));
    }
    for (String name : List.of("criu-idle", "stock-idle")) {
      JsonNode values = valuesOf(name, result);
      assertThat(values.path("all_pages").asDouble()).as(name).isPositive();
      assertThat(values.path("downtime").asDouble()).as(name).isPositive();
      assertThat(values.path("daemon_cpu").asDouble()).as(name).isPositive();
      assertThat(values.path("daemon_memory").asDouble()).as(name).isPositive();
    }
    assertThat(bench.out()).anyMatch(line -> line.startsWith("| idle, all pages, relative"));
  }

  @Test
  void memoryIsPagedByThisProjectByACProgramAndByMmap() throws Exception {
    Path json = processes.file("bench.json");
    Path svg = processes.file("bench.svg");
    String only =
        "--only=paging-evict,paging-read,paging-write,paging-update-flushed,java-sort,paging-sort-8th";
    Node bench = start(only, "--json=" + json, "--svg=" + svg);
    bench.awaitSuccess();
    bench.assertNoStackTrace();
    Result result = Result.read(json);
    for (JsonNode sample : result.at("samples")) {
      assumeTrue(sample.path("problem").isMissingNode(), sample.path("problem").asString(""));
    }
    for (String name : List.of("paging-read", "c-read", "mmap-random-read")) {
      JsonNode values = valuesOf(name, result);
      assertThat(values.path("access_time").asDouble()).as(name).isPositive();
      assertThat(values.path("fault_p99").asDouble()).as(name).isGreaterThan(2);
    }
    for (String name : List.of("paging-write", "c-write", "mmap-write")) {
      // the whole file of 32 MiB goes in and out
      JsonNode values = valuesOf(name, result);
      assertThat(values.path("read_bytes").asDouble()).as(name).isGreaterThan(30);
      assertThat(values.path("written_bytes").asDouble()).as(name).isGreaterThan(30);
    }
    for (String name : List.of("java-sort", "paging-sort-8th", "c-sort-8th", "mmap-sort-8th")) {
      assertThat(valuesOf(name, result).path("run_time").asDouble()).as(name).isPositive();
    }
    assertThat(valuesOf("paging-update-flushed", result).path("fault_p99").asDouble()).isPositive();
    for (String name : List.of("paging-evict", "c-evict")) {
      assertThat(valuesOf(name, result).path("page_nanos").asDouble()).as(name).isPositive();
    }
    assertThat(Files.readString(svg)).contains("<circle", ">4</text>");
  }

  private static JsonNode valuesOf(String name, Result result) {
    for (JsonNode sample : result.at("samples")) {
      if (sample.path("case").asString().equals(name)) {
        return sample.path("values");
      }
    }
    throw new AssertionError("no sample of " + name + " in " + result);
  }

  private Node start(String... more) throws IOException {
    return processes.start(List.of("bench", "--quick"), more);
  }
}
