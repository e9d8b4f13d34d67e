package io.faultline.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessUsageTest {
  @Test
  void peakIsReadFromProcSelfStatus() {
    String status = "Name:\tjava\nVmPeak:\t 9000 kB\nVmHWM:\t  642 kB\nVmRSS:\t  600 kB\n";
    assertThat(ProcessUsage.peakResidentBytes(status)).isEqualTo(642 << 10);
  }

  @Test
  void peakIsZeroIfTheSystemDoesNotReportIt() {
    assertThat(ProcessUsage.peakResidentBytes("Name:\tjava\n")).isZero();
  }
}
