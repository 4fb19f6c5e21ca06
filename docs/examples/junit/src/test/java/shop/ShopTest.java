package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Tollbooth.class)
class ShopTest {
  private Shop shop;
  private String customer;

  @BeforeEach
  void setUp(Tollbooth.Corp corp) {
    shop = new Shop(corp.corpid, corp.secret, corp.baseUrl);
    customer = corp.act("member_adds_customer", Map.of("userid", "lisi")).get("external_userid").asText();
  }

  @Test
  void aRemarkIsKept(Tollbooth.Corp corp) throws Exception {
    assertEquals(
        "add_external_contact", corp.waitFor("add_external_contact").get("change_type").asText());
    shop.remark("lisi", customer, "老客");
    corp.assertCalled("externalcontact/remark", 1, Map.of("remark", "老客"));
  }

  @Test
  void anExpiredTokenIsFetchedAgain(Tollbooth.Corp corp) throws Exception {
    shop.remark("lisi", customer, "一");
    corp.advance(Duration.ofSeconds(7201));
    shop.remark("lisi", customer, "二");
    corp.assertCalled("gettoken", 2, Map.of());
  }

  @Test
  void aBusySystemIsAnError(Tollbooth.Corp corp) throws Exception {
    shop.remark("lisi", customer, "一");
    corp.failNext("externalcontact/remark", Map.of("errcode", -1));
    IOException error = assertThrows(IOException.class, () -> shop.remark("lisi", customer, "二"));
    assertTrue(error.getMessage().contains("-1"));
  }
}
