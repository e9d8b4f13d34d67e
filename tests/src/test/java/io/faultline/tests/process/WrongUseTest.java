package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Wrong use is reported in one line that names the wrong argument, as a user sees it. {@code
 * WrongOptionsTest} of the command line has all wrong options.
 */
class WrongUseTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final int WRONG_USE = 2;
  private static final int FAILED = 1;

  @RegisterExtension private final Processes processes = new Processes();

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @CsvSource({
    "demo --rum 64m, --rum",
    "dest --vm qemu --listen 127.0.0.1:0 -- /bin/false, QEMU ended at its start: it printed",
    "dest --listen :0, --insecure",
    "source --ram 64m --to 10.1.2.3:1, --token-file",
    "source --vm qemu --qmp /nope --to 127.0.0.1:1, --qmp /nope: cannot connect to the monitor",
    "dest --vm qemu --qmp /nope --listen 127.0.0.1:0, --qmp /nope: cannot connect to the monitor",
    "migrate, migrate",
  })
  void wrongArgumentIsNamed(String commandLine, String named) throws Exception {
    expect(WRONG_USE, named, commandLine.split(" ", -1));
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  void impossibleKvmVmIsRefused() throws Exception {
    expect(FAILED, "--engine kernel", "demo", "--vm=kvm", "--engine=simulated");
    expect(WRONG_USE, "at most 64", "demo", "--vm=kvm", "--vcpus=65");
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  void busyPortIsNamed() throws Exception {
    try (ServerSocket busy = Ports.listen()) {
      String place = "127.0.0.1:" + busy.getLocalPort();
      expect(WRONG_USE, place, "dest", "--listen=" + place);
      expect(WRONG_USE, place, "dest", "--listen=127.0.0.1:0", "--metrics=" + place);
      expect(WRONG_USE, place, "source", "--to=127.0.0.1:1", "--metrics=" + place, "--ram=64m");
    }
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  void unknownHostIsNamed() throws Exception {
    expect(WRONG_USE, "no-such-host.invalid", "source", "--to=no-such-host.invalid:1", "--ram=64m");
    expect(WRONG_USE, "no-such-host.invalid", "dest", "--listen=no-such-host.invalid:1");
  }

  private void expect(int exit, String named, String... arguments) throws Exception {
    Node node = processes.startAsTyped(List.of(arguments));
    node.awaitFailure(exit, LIMIT);
    assertThat(node.out()).isEmpty();
    assertThat(node.err()).singleElement().asString().startsWith("faultline: ").contains(named);
  }
}
