package io.faultline.restore.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.faultline.restore.outcome.OnFailure;
import io.faultline.restore.rehearsal.RestoreRehearsal.PagesFrom;
import io.faultline.uffd.Feature;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.ProcessTable;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestoreRehearsalTest {
  private static final ProcessTable TABLE = new ProcessTable();

  @ParameterizedTest
  @CsvSource({"IMAGES, ROLLBACK", "PAGE_SERVER, ROLLBACK", "IMAGES, HOLD"})
  void restoresMemoryOfThisProcessAndLeavesNothing(PagesFrom from, OnFailure onFailure) {
    assumeThat(new LinuxKernel().supportedFeatures()).contains(Feature.EVENT_FORK);
    List<Integer> before = children();
    assertThat(RestoreRehearsal.run(from, onFailure, 2)).isEmpty();
    assertThat(children()).isSubsetOf(before);
  }

  private static List<Integer> children() {
    return TABLE.children(Math.toIntExact(ProcessHandle.current().pid()));
  }
}
