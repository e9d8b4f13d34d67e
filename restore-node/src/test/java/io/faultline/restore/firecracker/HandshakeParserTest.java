package io.faultline.restore.firecracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Firecracker's messages mean, and which are refused. */
class HandshakeParserTest {
  private static final long FILE = 8 << 20;

  private static final String REGIONS =
      """
      [{"base_host_virt_addr":8388608,"size":2097152,"offset":0,"page_size":4096,"new":[]},
       {"base_host_virt_addr":4194304,"size":6291456,"offset":2097152,"page_size_kib":4096}]
      """
          .replace("4194304", "104857600");

  @Test
  void regionsAreFoundByAddressAndByPageOfTheFile() throws RefusedException {
    GuestRegions regions = HandshakeParser.parse(REGIONS, FILE);
    assertThat(regions).isNotNull();
    assertThat(regions.lengthBytes()).isEqualTo(FILE);
    GuestRegion second = regions.find(104857600 + 6291455);
    assertThat(second).isNotNull().isSameAs(regions.ofFilePage(512));
    assertThat(second.filePage(104857600 + 4096)).isEqualTo(513);
    assertThat(second.addressOf(513)).isEqualTo(104857600 + 4096);
    assertThat(regions.find(104857600 + 6291456)).isNull();
    assertThat(regions.find(8388608 - 1)).isNull();
  }

  @Test
  void everyPartOfAMessageIsIncomplete() throws RefusedException {
    String text = REGIONS.strip();
    for (int length = 0; length < text.length(); length++) {
      assertThat(HandshakeParser.parse(text.substring(0, length), FILE)).as("%s", length).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"page_size\":2097152,\"page_size_kib\":4096}|2097152",
        "{\"page_size_kib\":2097152}|2097152",
        "{}|4096"
      })
  void pageSizeIsInBytesWhateverItsName(String members, long expected) throws RefusedException {
    String region = "{\"base_host_virt_addr\":0,\"size\":8388608,\"offset\":0";
    String more = members.equals("{}") ? "" : "," + members.substring(1, members.length() - 1);
    GuestRegions regions = HandshakeParser.parse("[" + region + more + "}]", FILE);
    assertThat(regions).isNotNull();
    assertThat(regions.all().getFirst().pageBytes()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]|no JSON array",
        "{}|no JSON array",
        "[7]|is no JSON object",
        "[{} }{ 1, 2, 3]|not JSON",
        "[{'size':8388608,'offset':0}]|base_host_virt_addr must be a whole number",
        "[{'base_host_virt_addr':0,'size':0,'offset':0}]|size 0",
        "[{'base_host_virt_addr':0,'size':-4096,'offset':0}]|negative",
        "[{'base_host_virt_addr':1,'size':8388608,'offset':0}]|no multiple",
        "[{'base_host_virt_addr':0,'size':8388608,'offset':7}]|no multiple",
        "[{'base_host_virt_addr':0,'size':8388608,'offset':0,'page_size':5000}]|no power of two",
        "[{'base_host_virt_addr':0,'size':8388608,'offset':0,'page_size':512}]|no power of two",
        "[{'base_host_virt_addr':0,'size':4096,'offset':0}]|the memory file has 8388608",
        "[{'base_host_virt_addr':0,'size':8388608,'offset':4096}]|ends after the memory file"
      })
  void impossibleMessageIsRefusedWithTheReason(String text, String reason) {
    assertThatThrownBy(() -> HandshakeParser.parse(text.replace('\'', '"'), FILE))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(reason);
  }
}
