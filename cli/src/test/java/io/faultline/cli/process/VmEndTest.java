package io.faultline.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.demo.vm.HostedVm;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class VmEndTest {
  private static final Duration SHORT = Duration.ofMillis(2);
  private static final Duration STALL = Duration.ofMillis(200);

  private final List<String> remarks = new ArrayList<>();

  /** How often the VM has been waited for. */
  private int waits;

  @Test
  void vmThatMakesProgressIsWaitedForHoweverLongItTakes() throws Exception {
    VmEnd.await(vm(true, 300), remarks::add, SHORT, SHORT, STALL);
    assertThat(waits).isEqualTo(300);
    assertThat(remarks).hasSize(299).last().asString().contains("299 operations so far");
  }

  @Test
  void vmThatDoesNothingIsGivenUp() {
    assertThatThrownBy(() -> VmEnd.await(vm(false, 1 << 20), remarks::add, SHORT, SHORT, STALL))
        .hasMessageContaining("no operation for 0 s: it stopped at 7");
    assertThat(remarks).first().asString().contains("7 operations so far");
  }

  @Test
  void vmThatWasStoppedIsNotWaitedFor() {
    Duration hour = Duration.ofHours(1);
    assertThatThrownBy(() -> VmEnd.await(vm(true, 2), remarks::add, hour, hour, hour))
        .hasMessageContaining("was stopped");
  }

  /** A VM that ends in the last of some waits, and has as many operations as there were waits. */
  private HostedVm vm(boolean makesProgress, int last) {
    return (HostedVm)
        Proxy.newProxyInstance(
            HostedVm.class.getClassLoader(),
            new Class<?>[] {HostedVm.class},
            (proxy, method, arguments) ->
                method.getName().equals("opsDone")
                    ? new long[] {makesProgress ? waits : 7}
                    : finished((Duration) arguments[0], last));
  }

  private boolean finished(Duration wait, int last) throws InterruptedException {
    waits++;
    if (wait.equals(SHORT)) {
      Thread.sleep(wait);
    }
    return waits == last;
  }
}
