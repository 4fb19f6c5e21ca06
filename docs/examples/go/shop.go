package shop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

// Shop is the program under test: it keeps remarks on customers.
type Shop struct {
	CorpID, Secret string
	// API is https://qyapi.weixin.qq.com; tests put the simulator in its place.
	API   string
	token string
}

type reply struct {
	Code        int    `json:"errcode"`
	Message     string `json:"errmsg"`
	AccessToken string `json:"access_token"`
}

// Remark sets the remark that the member has on the customer, once more with a new token if it expired.
func (s *Shop) Remark(userID, customer, text string) error {
	body := map[string]string{"userid": userID, "external_userid": customer, "remark": text}
	for attempt := 0; ; attempt++ {
		found, err := s.post("externalcontact/remark", body)
		if err != nil {
			return err
		}
		if found.Code == 0 {
			return nil
		}
		if attempt == 1 || (found.Code != 40014 && found.Code != 41001 && found.Code != 42001) {
			return fmt.Errorf("remark: %d %s", found.Code, found.Message)
		}
		if err := s.logIn(); err != nil {
			return err
		}
	}
}

func (s *Shop) logIn() error {
	address := fmt.Sprintf("%s/cgi-bin/gettoken?corpid=%s&corpsecret=%s", s.API, s.CorpID, s.Secret)
	response, err := http.Get(address)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var found reply
	if err := json.NewDecoder(response.Body).Decode(&found); err != nil {
		return err
	}
	s.token = found.AccessToken
	return nil
}

func (s *Shop) post(path string, body any) (reply, error) {
	var found reply
	content, err := json.Marshal(body)
	if err != nil {
		return found, err
	}
	address := fmt.Sprintf("%s/cgi-bin/%s?access_token=%s", s.API, path, s.token)
	response, err := http.Post(address, "application/json", bytes.NewReader(content))
	if err != nil {
		return found, err
	}
	defer response.Body.Close()
	return found, json.NewDecoder(response.Body).Decode(&found)
}
