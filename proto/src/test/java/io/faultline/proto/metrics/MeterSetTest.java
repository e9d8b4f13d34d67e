package io.faultline.proto.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class MeterSetTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final MeterSet meters = new MeterSet(registry, "source");
  private final AtomicLong value = new AtomicLong();

  @Test
  void allMetersHaveThePrefixAndTheRole() {
    meters.gauge("pages", "Pages", value::get);
    meters.counter("requests", "Requests", value::get);
    meters.info(Tags.of("vm", "kvm"));
    assertThat(registry.getMeters())
        .hasSize(3)
        .allMatch(each -> each.getId().getName().startsWith("faultline."))
        .allMatch(each -> "source".equals(each.getId().getTag("role")));
  }

  @Test
  void timeThatIsNotKnownIsNaN() {
    meters.seconds("setup", "Set-up", value::get);
    value.set(-1);
    assertThat(registry.get("faultline.setup").gauge().value()).isNaN();
    value.set(TimeUnit.MILLISECONDS.toNanos(1500));
    assertThat(registry.get("faultline.setup").gauge().value()).isEqualTo(1.5);
    assertThat(registry.get("faultline.setup").gauge().getId().getBaseUnit()).isEqualTo("seconds");
  }

  @Test
  void oneStateIsOneAndAllOthersAreZero() {
    meters.states(TimeUnit.values(), () -> TimeUnit.DAYS);
    for (TimeUnit each : TimeUnit.values()) {
      String label = each.name().toLowerCase(Locale.ROOT);
      assertThat(registry.get("faultline.migration.state").tag("state", label).gauge().value())
          .as(label)
          .isEqualTo(each == TimeUnit.DAYS ? 1 : 0);
    }
  }

  @Test
  void counterIsReadAsLongAsTheRegistryLives() {
    registerCounter();
    value.set(3);
    System.gc(); // nothing else refers to the supplier
    assertThat(registry.get("faultline.sent").functionCounter().count()).isEqualTo(3);
    meters.secondsCounter("paused", "Paused", () -> TimeUnit.SECONDS.toNanos(2));
    assertThat(registry.get("faultline.paused").functionCounter().count()).isEqualTo(2);
  }

  private void registerCounter() {
    meters.counter("sent", "Sent", "bytes", Tags.of("connection", "bulk-0"), () -> value.get());
  }
}
