package io.faultline.source.recording;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.source.recording.OutgoingEvents.Round;
import io.faultline.source.recording.OutgoingEvents.State;
import org.junit.jupiter.api.Test;

class OutgoingRecordingTest {
  private final OutgoingRecording recording = new OutgoingRecording();

  @Test
  void onlyChangesOfStateAreRecorded() {
    recording.state("SETUP", 10, "");
    recording.state("SETUP", 20, "");
    recording.state("POSTCOPY", 30, "");
    recording.state("PAUSED", 40, "reset by peer");
    recording.state("PAUSED", 50, "refused");
    recording.state("POSTCOPY", 60, "");
    assertThat(recording.events().states())
        .containsExactly(
            new State("SETUP", 10, ""),
            new State("POSTCOPY", 30, ""),
            new State("PAUSED", 40, "reset by peer"),
            new State("POSTCOPY", 60, ""));
  }

  @Test
  void moreThanFitsIsCounted() {
    for (int i = 0; i < OutgoingRecording.MAX + 7; i++) {
      recording.round(new Round(i + 1, i, i + 1, 1, 1));
    }
    assertThat(recording.events().rounds()).hasSize(OutgoingRecording.MAX);
    assertThat(recording.events().unrecorded()).isEqualTo(7);
  }
}
