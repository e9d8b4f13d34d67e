package io.faultline.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SourceCheckpointTest {
  private final List<String> printed = new ArrayList<>();

  @ParameterizedTest
  @EnumSource
  void sourceContinuesAfterOneLine(SourceCheckpoint checkpoint) throws Exception {
    InputStream answers = input("\n\n");
    checkpoint.await(printed::add, answers);
    assertThat(answers.available()).isEqualTo(1);
    assertThat(printed).hasSize(1);
    assertThat(SourceCheckpoint.announcedBy(printed.getFirst())).contains(checkpoint);
    assertThat(SourceCheckpoint.announcedBy(checkpoint.name())).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void sourceDoesNotOutliveTheProcessThatHasStartedIt(SourceCheckpoint checkpoint) {
    assertThatThrownBy(() -> checkpoint.await(printed::add, input("")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has ended");
  }

  private static InputStream input(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
