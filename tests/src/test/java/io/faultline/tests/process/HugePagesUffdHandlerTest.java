package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.tests.tags.RunsAlone;
import io.faultline.uffd.HugePageLoan;
import java.time.Duration;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** As {@link UffdHandlerTest}, for guests of huge pages. */
@RunsAlone
class HugePagesUffdHandlerTest {
  private static final int HUGE_PAGES = 16;
  private static final int PAGES = HUGE_PAGES * 512;
  private static final Duration SOON = Duration.ofMinutes(1);

  @RegisterExtension private final Processes processes = new Processes();

  @ParameterizedTest
  @CsvSource({"read,", "read,--no-background", "race,--no-background", "storm,--no-background"})
  void memoryOfHugePagesIsRight(String work, String option) throws Exception {
    Microvms vms = Microvms.prepare(processes, PAGES);
    try (HugePageLoan _ = HugePages.borrow(HUGE_PAGES)) {
      Node _ = option == null ? vms.handler() : vms.handler(option);
      Node vm = vms.start("hugetlb", "current", work, 4, 2);
      int exit = vm.await(SOON);
      assertThat(exit).as(() -> vm.out() + " " + vm.err()).isZero();
      assertThat(vm.out().getLast()).startsWith("right ");
    }
  }
}
