package io.faultline.uffd.linux.injection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TracingRefusalTest {
  @ParameterizedTest
  @CsvSource({
    "77, 1, process 77 traces it already",
    "0, '', 'run as root, with CAP_SYS_PTRACE, or as its user (id 1000)'",
    "0, 1, only its parent will do: sysctl -w kernel.yama.ptrace_scope=0",
    "0, 2, only CAP_SYS_PTRACE will do",
    "0, 3, forbids tracing until the machine restarts"
  })
  void reasonNamesWhatForbidsIt(String tracer, String yama, String reason) {
    String status = "Name:\tqemu\nTracerPid:\t" + tracer + "\nUid:\t1000\t1000\t1000\t1000\n";
    assertThat(TracingRefusal.reason(status, yama + "\n")).contains(reason);
  }
}
