package shop

import (
	"strings"
	"testing"
	"time"
)

func newShop(corp *Corp) *Shop {
	return &Shop{CorpID: corp.CorpID, Secret: corp.Secret, API: corp.BaseURL}
}

func TestARemarkIsKept(t *testing.T) {
	corp := NewCorp(t, nil)
	customer := corp.Act("member_adds_customer", Fields{"userid": "lisi"})["external_userid"].(string)
	if corp.WaitFor("add_external_contact")["change_type"] != "add_external_contact" {
		t.Error("no callback")
	}
	if err := newShop(corp).Remark("lisi", customer, "老客"); err != nil {
		t.Fatal(err)
	}
	corp.AssertCalled("externalcontact/remark", 1, Fields{"remark": "老客"})
}

func TestAnExpiredTokenIsFetchedAgain(t *testing.T) {
	corp := NewCorp(t, nil)
	shop := newShop(corp)
	customer := corp.Act("member_adds_customer", Fields{"userid": "lisi"})["external_userid"].(string)
	if err := shop.Remark("lisi", customer, "一"); err != nil {
		t.Fatal(err)
	}
	corp.Advance(2*time.Hour + time.Second)
	if err := shop.Remark("lisi", customer, "二"); err != nil {
		t.Fatal(err)
	}
	corp.AssertCalled("gettoken", 2, nil)
}

func TestABusySystemIsAnError(t *testing.T) {
	corp := NewCorp(t, nil)
	shop := newShop(corp)
	customer := corp.Act("member_adds_customer", Fields{"userid": "lisi"})["external_userid"].(string)
	if err := shop.Remark("lisi", customer, "一"); err != nil {
		t.Fatal(err)
	}
	corp.FailNext("externalcontact/remark", Fields{"errcode": -1})
	if err := shop.Remark("lisi", customer, "二"); err == nil || !strings.Contains(err.Error(), "-1") {
		t.Errorf("got %v", err)
	}
}
