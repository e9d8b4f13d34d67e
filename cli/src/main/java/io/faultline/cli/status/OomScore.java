package io.faultline.cli.status;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How early the kernel's OOM killer ends this process ({@code oom_score_adj}, proc(5)): late, while
 * a VM depends on it. Needs CAP_SYS_RESOURCE; without it nothing changes. Confined to one thread at
 * a time.
 */
final class OomScore {
  /**
   * In thousandths of the memory that the OOM killer looks at, which are deducted from what a
   * process uses: a VM of up to nine tenths of the machine goes last. Not -1000, which exempts a
   * process: then a control group with nothing else in it could only stall.
   */
  static final int PROTECTED = -900;

  private final Path file;
  private final int score;
  private String before = "";

  /** Whether it could not be lowered, or was low enough. */
  private boolean refused;

  OomScore() {
    this(Path.of("/proc/self/oom_score_adj"), PROTECTED);
  }

  OomScore(Path file, int score) {
    this.file = file;
    this.score = score;
  }

  /** Lowers the score, or restores what it was before. */
  void protect(boolean on) {
    try {
      if (on && before.isEmpty() && !refused) {
        refused = true; // not tried again while a guest waits
        lower(Files.readString(file).strip());
        refused = before.isEmpty();
      } else if (!on && !before.isEmpty()) {
        Files.writeString(file, before);
        before = "";
      }
    } catch (IOException e) {
      // not Linux, or not permitted: the process is as any other
    }
  }

  private void lower(String now) throws IOException {
    if (Integer.parseInt(now) > score) {
      Files.writeString(file, Integer.toString(score));
      before = now;
    }
  }
}
