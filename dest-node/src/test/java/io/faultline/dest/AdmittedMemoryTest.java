package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.memory.Backing;
import io.faultline.memory.limits.MemoryDemand;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdmittedMemoryTest {
  private static final MemoryDemand DEMAND = MemoryDemand.of(Backing.SHMEM, 1 << 20, 4096);

  private final IncomingCounters counters = new IncomingCounters();
  private final List<String> calls = new ArrayList<>();

  @Test
  void meterShowsGuestMemoryUntilTheMigrationEnds() throws IncomingVmException {
    AdmittedMemory memory = new AdmittedMemory(vm -> new Recorded(), counters);
    memory.admit(DEMAND);
    memory.mapped();
    assertThat(counters.admittedBytes.sum()).isEqualTo(1 << 20);
    memory.close();
    memory.close();
    assertThat(counters.admittedBytes.sum()).isZero();
    assertThat(calls).startsWith("mapped", "closed");
  }

  @Test
  void refusedVmIsNotCounted() {
    AdmittedMemory memory =
        new AdmittedMemory(
            vm -> {
              throw new IncomingVmException("too large");
            },
            counters);
    assertThatThrownBy(() -> memory.admit(DEMAND)).isInstanceOf(IncomingVmException.class);
    memory.close();
    assertThat(counters.admittedBytes.sum()).isZero();
  }

  private final class Recorded implements MemoryAdmission.Admitted {
    @Override
    public void mapped() {
      calls.add("mapped");
    }

    @Override
    public void close() {
      calls.add("closed");
    }
  }
}
