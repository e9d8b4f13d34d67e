package io.faultline.cli.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OomScoreTest {
  @TempDir private Path directory;

  @Test
  void scoreIsLoweredOnceAndRestored() throws IOException {
    Path file = file("17");
    OomScore score = new OomScore(file, OomScore.PROTECTED);
    score.protect(false);
    assertThat(file).hasContent("17");
    score.protect(true);
    score.protect(true);
    assertThat(file).hasContent("-900");
    score.protect(false);
    assertThat(file).hasContent("17");
  }

  /** Any process may raise its score, and lower it to where it was. */
  @Test
  void kernelAcceptsIt() throws IOException {
    Path file = Path.of("/proc/self/oom_score_adj");
    assumeTrue(Files.isWritable(file), "no Linux");
    String before = Files.readString(file).strip();
    assumeTrue(Integer.parseInt(before) < 900, "the score of this process is high");
    try {
      Files.writeString(file, "950");
      OomScore score = new OomScore(file, 920);
      score.protect(true);
      assertThat(file).hasContent("920");
      score.protect(false);
      assertThat(file).hasContent("950");
    } finally {
      Files.writeString(file, before);
    }
  }

  @Test
  void lowerScoreIsKept() throws IOException {
    Path file = file("-998");
    OomScore score = new OomScore(file, OomScore.PROTECTED);
    score.protect(true);
    assertThat(file).hasContent("-998");
    score.protect(false);
    assertThat(file).hasContent("-998");
  }

  @Test
  void missingPermissionIsNoError() {
    OomScore score = new OomScore(directory.resolve("missing").resolve("oom_score_adj"), 0);
    score.protect(true);
    score.protect(false);
  }

  /** To try it takes a process without the permission 0.4 ms, in which a guest may wait. */
  @Test
  void refusalIsNotTriedAgain() throws IOException {
    OomScore score = new OomScore(directory.resolve("oom_score_adj"), 0);
    score.protect(true);
    Path file = file("17");
    score.protect(true);
    assertThat(file).hasContent("17");
  }

  /** A node is protected while a VM depends on it, and not while it only waits for one. */
  @Test
  void vmDependsOnTheSideThatRunsItAndOnTheSourceOfItsPages() {
    for (OwnershipStep step : OwnershipStep.values()) {
      boolean expected =
          switch (step) {
            case RUNS_HERE, PAUSED, COMMITTED, RUNNING, POISONED -> true;
            case LISTENING, RECEIVING, READY, STOPPED -> false;
          };
      assertThat(step.isNeededByVm()).as("%s", step).isEqualTo(expected);
    }
  }

  private Path file(String score) throws IOException {
    return Files.writeString(directory.resolve("oom_score_adj"), score + "\n");
  }
}
