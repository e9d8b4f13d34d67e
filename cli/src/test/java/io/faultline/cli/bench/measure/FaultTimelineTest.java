package io.faultline.cli.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.cli.bench.measure.FaultTimeline.Answer;
import io.faultline.cli.bench.measure.FaultTimeline.Fault;
import io.faultline.cli.bench.measure.FaultTimeline.Part;
import io.faultline.cli.bench.measure.FaultTimeline.Placing;
import io.faultline.cli.bench.measure.FaultTimeline.Request;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultTimelineTest {
  @Test
  void consecutivePartsAddUpToTheWhole() {
    FaultTimeline timeline =
        new FaultTimeline(
            List.of(new Fault(1000, 1100)),
            List.of(new Request(1010, 1025)),
            List.of(new Answer(1030, 1033, 1050)),
            List.of(new Placing(1060, 1075)));
    assertThat(timeline.faults()).isEqualTo(1);
    assertThat(timeline.percentileNanos(Part.TO_READER, 50)).isEqualTo(10);
    assertThat(timeline.percentileNanos(Part.TO_SOURCE, 50)).isEqualTo(20);
    assertThat(timeline.percentileNanos(Part.REQUEST_WRITE, 50)).isEqualTo(15);
    assertThat(timeline.percentileNanos(Part.AT_SOURCE, 50)).isEqualTo(3);
    assertThat(timeline.percentileNanos(Part.TO_DESTINATION, 50)).isEqualTo(27);
    assertThat(timeline.percentileNanos(Part.ANSWER_WRITE, 50)).isEqualTo(17);
    assertThat(timeline.percentileNanos(Part.TO_VCPU, 50)).isEqualTo(40);
    assertThat(timeline.percentileNanos(Part.COPY, 50)).isEqualTo(15);
    long sum =
        Arrays.stream(Part.values())
            .filter(part -> !part.isWithin() && part != Part.WHOLE)
            .mapToLong(part -> timeline.percentileNanos(part, 50))
            .sum();
    assertThat(sum).isEqualTo(timeline.percentileNanos(Part.WHOLE, 50)).isEqualTo(100);
  }

  @Test
  void faultsWithoutExactlyOneOfEachTimestampAreIgnored() {
    FaultTimeline timeline =
        new FaultTimeline(
            List.of(new Fault(0, 10), new Fault(100, 200), new Fault(300, 400)),
            List.of(new Request(1, 2), new Request(110, 115), new Request(120, 125)),
            List.of(new Answer(2, 3, 4), new Answer(130, 131, 132), new Answer(350, 351, 352)),
            List.of(new Placing(150, 160), new Placing(360, 370)));
    assertThat(timeline.faults()).isZero();
    assertThatThrownBy(() -> timeline.percentileNanos(Part.WHOLE, 50))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void percentilesCoverAllFaults() {
    List<Fault> faults = new ArrayList<>();
    List<Request> requests = new ArrayList<>();
    List<Answer> answers = new ArrayList<>();
    List<Placing> placings = new ArrayList<>();
    for (long i = 1; i <= 101; i++) {
      long at = 1000 * ((i * 37) % 101 + 1);
      faults.add(new Fault(at, at + 900));
      requests.add(new Request(at + i, at + i));
      answers.add(new Answer(at + 200, at + 200, at + 200));
      placings.add(new Placing(at + 300, at + 300));
    }
    FaultTimeline timeline = new FaultTimeline(faults, requests, answers, placings);
    assertThat(timeline.faults()).isEqualTo(101);
    assertThat(timeline.percentileNanos(Part.TO_READER, 0)).isEqualTo(1);
    assertThat(timeline.percentileNanos(Part.TO_READER, 50)).isEqualTo(51);
    assertThat(timeline.percentileNanos(Part.TO_READER, 99)).isEqualTo(100);
    assertThat(timeline.percentileNanos(Part.TO_READER, 100)).isEqualTo(101);
  }
}
