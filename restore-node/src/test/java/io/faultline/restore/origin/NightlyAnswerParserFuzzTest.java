package io.faultline.restore.origin;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** {@link AnswerParserFuzzTest} for ten minutes, in the profile {@code nightly}. */
final class NightlyAnswerParserFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void anyBytesAreAnswersOrAreRefused(byte[] bytes) {
    new AnswerParserFuzzTest().anyBytesAreAnswersOrAreRefused(bytes);
  }
}
