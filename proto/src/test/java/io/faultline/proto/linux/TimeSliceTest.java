package io.faultline.proto.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.Transport;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class TimeSliceTest {
  private static final String SLICE = "se.slice";

  @Test
  void sliceOfTheCallingThreadChangesAndNothingElse() throws Exception {
    FutureTask<Void> changes =
        new FutureTask<>(
            () -> {
              long before = own(SLICE);
              long priority = own("prio");
              assertThat(TimeSlice.SHORT.set()).isTrue();
              Assumptions.assumeTrue(own(SLICE) != before, "Linux before 6.12 ignores slices");
              assertThat(own(SLICE)).isEqualTo(100_000);
              assertThat(TimeSlice.LONG.set()).isTrue();
              assertThat(own(SLICE)).isEqualTo(10_000_000);
              assertThat(own("prio")).isEqualTo(priority);
              assertThat(own("policy")).isZero();
              return null;
            });
    Thread.ofPlatform().start(changes);
    changes.get();
  }

  @Test
  void loopsOfANodeGetTheirSlices() throws Exception {
    try (Transport transport = new Transport()) {
      IoEventLoop urgent = transport.newLoop("urgent");
      IoEventLoop other = transport.newLoop("other");
      long before = other.submit(() -> own(SLICE)).get();
      transport.schedule(urgent, TimeSlice.SHORT);
      long after = urgent.submit(() -> own(SLICE)).get();
      Assumptions.assumeTrue(after != before, "Linux before 6.12 ignores slices");
      assertThat(after).isEqualTo(100_000);
      assertThat(other.submit(() -> own(SLICE)).get()).isEqualTo(before);
    }
  }

  private static long own(String field) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/thread-self/sched"))) {
      String[] parts = line.split(":", 2);
      if (parts[0].strip().equals(field)) {
        return Long.parseLong(parts[1].strip());
      }
    }
    return Assumptions.abort("the kernel shows no " + field);
  }
}
