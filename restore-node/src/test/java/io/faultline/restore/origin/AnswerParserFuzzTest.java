package io.faultline.restore.origin;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.faultline.restore.pageserver.PageServerHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Any bytes from a page server are answers or are refused, with the same result however split. */
final class AnswerParserFuzzTest {
  private static final int PID = 5000;
  private static final long AT = 0x7f00_0000_0000L;
  private static final int PAGE_BYTES = 4096;
  private static final int PAGES = 2;
  private static final int BUFFER_BYTES = 5000;

  @FuzzTest(maxDuration = "2s")
  void anyBytesAreAnswersOrAreRefused(byte[] bytes) {
    for (PageServerHeader header : PageServerHeader.values()) {
      for (boolean ends : new boolean[] {false, true}) {
        assertThat(feed(header, bytes, ends, 7)).isEqualTo(feed(header, bytes, ends, bytes.length));
      }
    }
  }

  /** Feeds bytes in pieces; returns each page, and how it ended. */
  private static String feed(PageServerHeader header, byte[] bytes, boolean ends, int pieceBytes) {
    PageLog log = new PageLog();
    RequestQueue requests = new RequestQueue();
    requests.add(PID, AT, 1);
    requests.add(PID, AT + PAGE_BYTES, PAGES);
    AnswerParser parser = new AnswerParser(header, requests, log, BUFFER_BYTES);
    if (ends) {
      parser.expectEnd();
    }
    ByteBuf all = Unpooled.wrappedBuffer(bytes);
    while (all.isReadable() && !parser.isOver()) {
      parser.read(all.readSlice(Math.min(pieceBytes, all.readableBytes())));
    }
    String error = parser.error();
    assertThat(log.pages).isLessThanOrEqualTo(1 + PAGES);
    boolean surplus = error != null && error.endsWith("that were not requested");
    String end = surplus ? "surplus" : error;
    return log.lines + " " + end + " " + parser.isEnded() + " " + parser.status();
  }

  /** Logs pages one by one: how many arrive at once depends on the pieces. */
  private static final class PageLog implements PageReceiver {
    final StringBuilder lines = new StringBuilder();
    int pages;

    @Override
    public void pages(int pid, long address, int count, long data) {
      for (int page = 0; page < count; page++) {
        lines.append(pid).append(' ').append(address + (long) page * PAGE_BYTES).append('\n');
      }
      pages += count;
    }

    @Override
    public void unanswered(int pid, long address, int count) {
      lines.append(address).append(" missing ").append(count).append('\n');
      pages += count;
    }

    @Override
    public void failed(String reason) {
      throw new AssertionError(reason);
    }

    @Override
    public void warning(String message) {
      throw new AssertionError(message);
    }

    @Override
    public void finished() {
      throw new AssertionError("the parser ends nothing");
    }
  }
}
