package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.tests.tags.RunsAlone;
import io.faultline.uffd.HugePageLoan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The limit of the destination's hugetlb control group is lowered after RUN. */
@RunsAlone
class HugetlbLimitTest {
  private static final int RAM_MIB = 64;
  private static final long PAGES = 2 * RAM_MIB / 2;
  private static final long LIMIT_BYTES = 16 << 20;

  @RegisterExtension private final Processes processes = new Processes();

  /** Pages are not allocated beforehand, so that a store to one without a page raises SIGBUS. */
  @Test
  void placingPausesUntilTheLimitIsRaisedAgain() throws Exception {
    Path json = processes.file("dest.json");
    try (HugePageLoan _ = HugePages.borrow(PAGES);
        Cgroup group = Cgroup.unified("hugetlb")) {
      Node dest =
          processes.startWith(
              group.prefix(),
              List.of(
                  "dest",
                  "--listen=127.0.0.1:0",
                  "--populate=none",
                  "--rehearsal=0ms",
                  "--run-on=20ms",
                  "--json=" + json));
      Node source = source(dest);
      ControlSocket control = ControlSocket.of(source, processes.defaultState());
      control.awaitStatus("postcopy-active");
      group.set("hugetlb.2MB.max", LIMIT_BYTES);
      control.release();
      dest.awaitError("paused placing: no memory for page");
      Files.writeString(group.directory().resolve("hugetlb.2MB.max"), "max");
      source.awaitSuccess();
      dest.awaitSuccess();
      assertThat(dest.err())
          .anyMatch(line -> line.contains("the limit of the control group"))
          .noneMatch(line -> line.contains("connection lost"));
      Result result = Result.read(json);
      result.assertVerified();
      assertThat(result.number("memory_waits")).isPositive();
    }
  }

  private Node source(Node dest) throws Exception {
    return processes.start(
        "source",
        "--to=127.0.0.1:" + dest.awaitPort(),
        "--ram=" + RAM_MIB + "m",
        "--working-set=" + RAM_MIB + "m",
        "--zero-fraction=0",
        "--backing=hugetlb-2m",
        "--place=continue",
        "--mode=postcopy",
        "--pace=1", // a request for a huge page each second
        ControlSocket.HELD,
        "--rehearsal=0ms",
        "--quiet");
  }
}
