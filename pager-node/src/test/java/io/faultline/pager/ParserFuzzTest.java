package io.faultline.pager;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random damage to what clients send: it is refused, or what is accepted is possible. */
class ParserFuzzTest {
  private static final int ROUNDS = 50_000;
  private static final long PAGE = 4096;
  private static final String[] PIECES = {
    "\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "-",
    "0",
    "9",
    "1e9",
    "9223372036854775807",
    "4096",
    "18446744073709551615",
    "null",
    "true",
    "[[",
    "\\u0000",
    "\"size\"",
    "\"offset\"",
    "\"region\"",
    "\"do\"",
    "\"flush\"",
    " ",
    "\n",
    "\u00e4"
  };
  private static final String HANDSHAKE =
      "[{\"base_host_virt_addr\":140737353744384,\"size\":8192,\"offset\":0,\"page_size\":4096,"
          + "\"writable\":true,\"store\":\"a\",\"store_offset\":4096},{\"base_host_virt_addr\":"
          + "140737353752576,\"size\":4096,\"offset\":8192,\"page_size\":4096}]";
  private static final String REQUEST =
      "{\"do\":\"advise\",\"region\":1,\"offset\":4096,\"length\":8192,\"advice\":\"random\"}";

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void damagedHandshakesAreRefusedOrPossible() throws RefusedException {
    HandshakeParser parser = new HandshakeParser(PAGE);
    assertThat(parser.parse(HANDSHAKE)).hasSize(2);
    int accepted = 0;
    for (int i = 0; i < ROUNDS; i++) {
      String text = damaged(HANDSHAKE);
      try {
        List<RegionRequest> regions = parser.parse(text);
        accepted++;
        for (RegionRequest region : regions) {
          assertThat(isPossible(region)).as("%s of %s, seed %d", region, text, seed).isTrue();
        }
      } catch (RefusedException e) {
        assertThat(e.getMessage()).as("seed %d", seed).isNotBlank();
      }
    }
    assertThat(accepted).isPositive();
  }

  private static boolean isPossible(RegionRequest region) {
    return region.sizeBytes() > 0
        && (region.sizeBytes() | region.address() | region.fileOffset() | region.storeOffset())
                % PAGE
            == 0
        && region.address() >= 0
        && region.address() + region.sizeBytes() > 0
        && region.fileOffset() >= 0
        && region.fileOffset() + region.sizeBytes() > 0
        && region.storeOffset() >= 0
        && region.storeOffset() + region.sizeBytes() > 0;
  }

  @Test
  void damagedRequestsAreRefusedOrPossible() throws RefusedException {
    assertThat(RequestParser.parse(REQUEST, 2).verb()).isEqualTo(Request.Verb.ADVISE);
    int accepted = 0;
    for (int i = 0; i < ROUNDS; i++) {
      String text = damaged(REQUEST);
      try {
        Request request = RequestParser.parse(text, 2);
        accepted++;
        assertThat(request.region()).as("%s, seed %d", text, seed).isBetween(-1, 1);
        assertThat(request.offset()).as("%s, seed %d", text, seed).isNotNegative();
        assertThat(request.lengthBytes()).as("%s, seed %d", text, seed).isGreaterThanOrEqualTo(-1);
      } catch (RefusedException e) {
        assertThat(e.getMessage()).as("seed %d", seed).isNotBlank();
      }
    }
    assertThat(accepted).isPositive();
  }

  private String damaged(String text) {
    StringBuilder damaged = new StringBuilder(text);
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(damaged.length());
      int end = Math.min(damaged.length(), at + random.nextInt(4));
      switch (random.nextInt(3)) {
        case 0 -> damaged.delete(at, Math.max(end, Math.min(at + 1, damaged.length())));
        case 1 -> damaged.insert(at, PIECES[random.nextInt(PIECES.length)]);
        default -> damaged.replace(at, end, PIECES[random.nextInt(PIECES.length)]);
      }
      if (damaged.isEmpty()) {
        break;
      }
    }
    return damaged.toString();
  }
}
