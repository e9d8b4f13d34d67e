package io.faultline.cli.report.page;

import static io.faultline.cli.report.page.SyntheticMigration.REASON;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.recording.MigrationRecording;
import io.faultline.cli.recording.RecordingFile;
import io.faultline.cli.svg.Svg;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ReportPageTest {
  private static final long GIB = 1L << 30;
  private static final int MOST_BYTES = 2_000_000;

  private final XPath xpath = XPathFactory.newInstance().newXPath();

  @Test
  void largeMigrationHasASmallPage() throws Exception {
    String page = page(new SyntheticMigration(8 * GIB, 100_000, 256).recording());
    int bytes = page.getBytes(StandardCharsets.UTF_8).length;
    System.out.println("8 GiB, 100,000 faults, 256 vCPUs: " + bytes + " bytes");
    assertThat(bytes).isLessThan(MOST_BYTES);
    Document document = parse(page);
    assertThat(count(document, "//*[@data-mark='fault-density']")).isEqualTo(1);
    assertThat(count(document, "//*[@data-mark='fault']")).isEqualTo(FaultTrack.OUTLIERS);
    assertThat(count(document, "//*[@data-mark='vcpu']")).isEqualTo(BlockedTrack.MOST_ROWS);
    assertThat(text(document, "//*[@data-mark='faults']/@data-count")).isEqualTo("100000");
  }

  @Test
  void mostFaultsThatAreDotsHaveASmallPage() throws Exception {
    String page = page(new SyntheticMigration(GIB, FaultTrack.MOST_DOTS, 4).recording());
    assertThat(page.getBytes(StandardCharsets.UTF_8).length).isLessThan(MOST_BYTES);
    Document document = parse(page);
    assertThat(count(document, "//*[@data-mark='fault']")).isEqualTo(FaultTrack.MOST_DOTS);
    assertThat(count(document, "//*[@data-mark='fault-density']")).isZero();
  }

  @Test
  void everyPartOfTheMigrationIsMarked() throws Exception {
    Document document = parse(page(new SyntheticMigration(GIB, 500, 4).recording()));
    for (String mark :
        new String[] {
          "axis",
          "downtime",
          "throughput",
          "remaining",
          "dirty-rate",
          "faults",
          "blocked",
          "switchover",
          "memory-map",
          "numbers",
          "verdict"
        }) {
      assertThat(count(document, "//*[@data-mark='" + mark + "']")).as(mark).isEqualTo(1);
    }
    assertThat(count(document, "//*[@data-mark='round-end']")).isEqualTo(2);
    assertThat(count(document, "//*[@data-phase='precopy']"))
        .as("2 rounds, and receiving")
        .isEqualTo(3);
    assertThat(count(document, "//*[@data-phase='paused']")).as("on both sides").isEqualTo(2);
    assertThat(count(document, "//*[@data-phase='recovering']")).isEqualTo(1);
    assertThat(count(document, "//*[@data-phase='postcopy']")).isEqualTo(4);
    assertThat(count(document, "//*[@data-way='urgent']")).isEqualTo(1);
  }

  @Test
  void downtimeIsVisibleHoweverShortItIs() throws Exception {
    Document document = parse(page(new SyntheticMigration(GIB, 500, 4).recording()));
    String band = "//*[@data-mark='downtime']/rect/";
    assertThat(text(document, "//*[@data-mark='downtime']/@data-nanos")).isEqualTo("2000000");
    assertThat(Double.parseDouble(text(document, band + "@width"))).isGreaterThanOrEqualTo(2);
    assertThat(text(document, "//*[@data-mark='downtime']/text")).isEqualTo("downtime 2.00 ms");
    double x = Double.parseDouble(text(document, band + "@x"));
    double part = (x - TimeAxis.LEFT) / TimeAxis.WIDTH;
    assertThat(part).as("3 of 13 s, after 0.1 s of set-up").isBetween(0.235, 0.24);
  }

  @Test
  void slowAccessesWithoutAnOpenFaultAreNotDrawnAsWaits() throws Exception {
    Document busy = parse(page(new SyntheticMigration(GIB, 2000, 4).recording()));
    assertThat(count(busy, "//*[@data-mark='vcpu']/path[starts-with(@class, 'b ')]")).isPositive();
    Document idle = parse(page(new SyntheticMigration(GIB, 0, 4).recording()));
    assertThat(count(idle, "//*[@data-mark='vcpu']/path[starts-with(@class, 'b ')]")).isZero();
    assertThat(count(idle, "//*[@data-mark='vcpu']/path[starts-with(@class, 'slow ')]"))
        .isPositive();
  }

  @Test
  void pageLoadsNothing() {
    String page = page(new SyntheticMigration(GIB, 500, 4).recording());
    assertThat(page).doesNotContain("http", "<script", "url(", "@import", "src=", "href=");
  }

  @Test
  void textOfOthersIsEscaped() throws Exception {
    ObjectNode result = result();
    result.put("error", "</main><b>'\"&");
    String page = ReportPage.of(new SyntheticMigration(GIB, 5, 1).recording(), result);
    assertThat(page).doesNotContain(REASON, "</main><b>").contains(Svg.esc(REASON));
    assertThat(parse(page).getElementsByTagName("main").getLength()).isEqualTo(1);
  }

  @Test
  void sourceDrawsWhatItKnows() throws Exception {
    MigrationRecording alone =
        new MigrationRecording(new SyntheticMigration(GIB, 5, 1).source(), null);
    Document document = parse(page(alone));
    assertThat(count(document, "//*[@data-mark='downtime']")).isEqualTo(1);
    assertThat(count(document, "//*[@data-mark='throughput']//*[@d!='']")).isEqualTo(1);
    assertThat(count(document, "//*[@data-mark='switchover']")).isEqualTo(1);
    assertThat(count(document, "//*[@data-mark='faults' or @data-mark='memory-map']")).isZero();
  }

  @Test
  void destinationDrawsWhatItKnows() throws Exception {
    MigrationRecording alone =
        new MigrationRecording(null, new SyntheticMigration(GIB, 5, 1).destination());
    Document document = parse(page(alone));
    assertThat(count(document, "//*[@data-mark='fault']")).isEqualTo(5);
    assertThat(count(document, "//*[@data-mark='memory-map']")).isEqualTo(1);
    assertThat(count(document, "//*[@data-mark='switchover']")).isEqualTo(1);
    assertThat(count(document, "//*[@data-mark='downtime' or @data-mark='remaining']")).isZero();
  }

  @Test
  void nodesThatRecordedNothingStillHaveAPage() throws Exception {
    Document document = parse(page(new MigrationRecording(null, null)));
    assertThat(count(document, "//*[@data-mark='numbers']")).isEqualTo(1);
  }

  @Test
  void everyValueOfTheResultIsInATable() throws Exception {
    ObjectNode result = result();
    result.put("added_later_ms", 1.5);
    result.putObject("group").put("inner", 7);
    Document document = parse(ReportPage.of(new MigrationRecording(null, null), result));
    for (String key : new String[] {"/downtime_ms", "/added_later_ms", "/group/inner"}) {
      assertThat(count(document, "//tr[@data-key='" + key + "']")).as(key).isEqualTo(1);
    }
    assertThat(text(document, "//tr[@data-key='/downtime_ms']/td")).isEqualTo("2.00 ms");
    assertThat(text(document, "//tr[@data-key='/added_later_ms']/td")).isEqualTo("1.50 ms");
    assertThat(text(document, "//tr[@data-key='/group/inner']/td")).isEqualTo("7");
  }

  @Test
  void pagedVmShowsWhatItsPagerDid() throws Exception {
    ObjectNode result = result();
    ObjectNode paging = result.putObject("paging");
    paging.put("buffer_bytes", 128 << 20).put("most_used_bytes", 127 << 20).put("hit_rate", 0.9876);
    paging.put("fills", 4321).put("rescues", 21).put("evicted_clean", 11).put("evicted_dirty", 12);
    paging.put("bytes_in", 3 << 20).put("bytes_out", 2 << 20).put("pages_from_store", 77);
    Document document = parse(ReportPage.of(new SyntheticMigration(GIB, 5, 1).recording(), result));
    String figure = "//*[@data-mark='paging']/div[span='%s']/%s";
    assertThat(text(document, figure.formatted("Hit rate", "strong"))).isEqualTo("98.8 %");
    assertThat(text(document, figure.formatted("Fills", "strong"))).isEqualTo("4,321");
    assertThat(text(document, figure.formatted("Fills", "small"))).isEqualTo("rescues 21");
    assertThat(text(document, figure.formatted("Read", "strong"))).isEqualTo("3 MiB");
    assertThat(text(document, figure.formatted("Written", "strong"))).isEqualTo("2 MiB");
    assertThat(text(document, figure.formatted("Evicted clean", "small"))).isEqualTo("dirty 12");
    assertThat(text(document, "//section[h3='Paging at the source']/table/tr[last()]/td"))
        .isEqualTo("77");
    assertThat(count(document, "//section[h3='More']")).as("values without a name").isZero();
  }

  @Test
  void otherVmsHaveNoSectionOnPaging() throws Exception {
    Document document = parse(page(new SyntheticMigration(GIB, 5, 1).recording()));
    assertThat(count(document, "//*[@data-mark='paging' or h3='Paging at the source']")).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void recordingSurvivesItsFile(boolean both, @TempDir Path directory) throws Exception {
    SyntheticMigration migration = new SyntheticMigration(GIB, 300, 3);
    MigrationRecording recording =
        both ? migration.recording() : new MigrationRecording(migration.source(), null);
    Path file = directory.resolve("recording");
    RecordingFile.write(file, recording);
    assertThat(page(RecordingFile.read(file))).isEqualTo(page(recording));
  }

  private static String page(MigrationRecording recording) {
    return ReportPage.of(recording, result());
  }

  private static ObjectNode result() {
    ObjectNode result = JsonMapper.shared().createObjectNode();
    result.put("status", "completed").put("verified", true).put("vm", "simulated");
    return result.put("downtime_ms", 2.0);
  }

  private static Document parse(String page) throws Exception {
    String xml = page.substring(page.indexOf("<html"));
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }

  private int count(Document document, String path) throws Exception {
    return ((NodeList) xpath.evaluate(path, document, XPathConstants.NODESET)).getLength();
  }

  private String text(Document document, String path) throws Exception {
    return xpath.evaluate(path, document);
  }
}
