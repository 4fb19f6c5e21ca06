// Package shop: this file is the helper for tests against WeCom Tollbooth; copy it into your own package.
//
// A test calls NewCorp and gets a corp of its own. The first call starts a server, which ends with the test
// run; set TOLLBOOTH_URL to use one that runs already.
package shop

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// Fields is a JSON object.
type Fields = map[string]any

// Corp is one corp of the simulated WeCom; a mistake in its use, or a refusal, ends the test.
type Corp struct {
	CorpID, Secret, BaseURL string
	AgentID                 int

	t    testing.TB
	path string
}

var (
	start    sync.Once
	baseURL  string
	startErr error
	keep     io.WriteCloser // the server ends when this is closed, at the end of the process
)

var address = regexp.MustCompile(`^WeCom Tollbooth \S+\s+(http://\S+)`)

func startServer() {
	if baseURL = strings.TrimSuffix(os.Getenv("TOLLBOOTH_URL"), "/"); baseURL != "" {
		return
	}
	command := exec.Command("tollbooth", "serve", "--ephemeral", "--port", "0", "--until-stdin-closes")
	command.Stderr = os.Stderr
	var output io.ReadCloser
	if keep, startErr = command.StdinPipe(); startErr != nil {
		return
	}
	if output, startErr = command.StdoutPipe(); startErr != nil {
		return
	}
	if startErr = command.Start(); startErr != nil {
		return
	}
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if found := address.FindStringSubmatch(lines.Text()); found != nil {
			baseURL = found[1]
			go func() { // so that the server never waits for a reader
				_, _ = io.Copy(io.Discard, output)
			}()
			return
		}
	}
	startErr = fmt.Errorf("tollbooth did not start")
}

// NewCorp makes a corp: a chain of tea shops with the members admin, zhangsan, lisi and others. wanted are the
// fields of POST /_sim/corps, such as Fields{"customers": 40}. A failing test shows the corp's last calls.
func NewCorp(t testing.TB, wanted Fields) *Corp {
	t.Helper()
	if start.Do(startServer); startErr != nil {
		t.Fatal(startErr)
	}
	body := Fields{"name": "Go", "seed": "demo", "customers": 0, "activity": false}
	for name, value := range wanted {
		body[name] = value
	}
	corp := &Corp{BaseURL: baseURL, t: t}
	made := corp.control("POST", "/corps", body)
	app := made["apps"].([]any)[0].(Fields)
	corp.CorpID, corp.Secret = made["corpid"].(string), app["secret"].(string)
	corp.AgentID = int(app["agentid"].(float64))
	corp.path = "/corps/" + corp.CorpID
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(corp.LastCalls(20))
		}
	})
	return corp
}

// Act performs what people do: corp.Act("member_adds_customer", Fields{"userid": "lisi"}).
func (c *Corp) Act(name string, fields Fields) Fields {
	c.t.Helper()
	body := Fields{"act": name}
	for key, value := range fields {
		body[key] = value
	}
	return c.control("POST", c.path+"/acts", body)
}

// Advance moves the corp's own clock and does what falls due.
func (c *Corp) Advance(by time.Duration) {
	c.t.Helper()
	c.control("POST", c.path+"/clock", Fields{"advance_seconds": int(by.Seconds())})
}

// Freeze stops the corp's own clock at that time.
func (c *Corp) Freeze(at time.Time) {
	c.t.Helper()
	c.control("POST", c.path+"/clock", Fields{"set": at.Unix(), "freeze": true})
}

// FailNext plans a fault for the next call of an operation: then is Fields{"errcode": -1}, for example.
func (c *Corp) FailNext(path string, then Fields) {
	c.t.Helper()
	c.control("POST", c.path+"/faults", Fields{"path": path, "times": 1, "then": then})
}

// AssertCalled fails unless the operation was answered with errcode 0 so many times, with these fields.
func (c *Corp) AssertCalled(path string, times int, bodyContains Fields) {
	c.t.Helper()
	if bodyContains == nil {
		bodyContains = Fields{}
	}
	call := Fields{"path": path, "at_least": times, "at_most": times, "body_contains": bodyContains}
	answer := c.control("POST", c.path+"/calls/verify", Fields{"calls": []any{call}})
	for _, failure := range answer["failures"].([]any) {
		c.t.Error(failure.(Fields)["reason_en"])
	}
}

// ExpectNoRefusals fails if any call was refused, and says why.
func (c *Corp) ExpectNoRefusals() {
	c.t.Helper()
	refused := c.control("GET", c.path+"/calls?refused=true", nil)["calls"].([]any)
	for _, call := range refused {
		c.t.Error("refused: " + line(call.(Fields)))
	}
}

// WaitFor returns the next callback with this ChangeType once it is delivered.
func (c *Corp) WaitFor(changeType string) Fields {
	c.t.Helper()
	query := "?timeout_seconds=5&change_type=" + url.QueryEscape(changeType)
	return c.control("GET", c.path+"/callbacks/wait"+query, nil)["callbacks"].([]any)[0].(Fields)
}

// Phone returns what the phone of a member or customer shows, oldest first.
func (c *Corp) Phone(person string) []any {
	c.t.Helper()
	return c.control("GET", c.path+"/phones/"+url.PathEscape(person), nil)["items"].([]any)
}

// Bill returns the statement of the month.
func (c *Corp) Bill() Fields {
	c.t.Helper()
	return c.control("GET", c.path+"/statement", nil)
}

// LastCalls describes the last calls of the corp, newest first.
func (c *Corp) LastCalls(count int) string {
	text := "the last calls of " + c.CorpID + ":"
	for _, call := range c.control("GET", fmt.Sprintf("%s/calls?limit=%d", c.path, count), nil)["calls"].([]any) {
		text += "\n" + line(call.(Fields))
	}
	return text
}

func line(call Fields) string {
	request, answer := call["request"].(Fields), call["answer"].(Fields)
	return fmt.Sprintf("%v %v %v %v: %v",
		request["method"], request["path"], answer["errcode"], request["body"], call["detail"])
}

func (c *Corp) control(method, path string, body Fields) Fields {
	c.t.Helper()
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequest(method, c.BaseURL+"/_sim"+path, content)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token := os.Getenv("TOLLBOOTH_ADMIN_TOKEN"); token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer Fields
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		c.t.Fatalf("%s %s: HTTP %d, no JSON", method, path, response.StatusCode)
	}
	if response.StatusCode != http.StatusOK {
		c.t.Fatalf("%s %s: HTTP %d: %v", method, path, response.StatusCode, answer["error"])
	}
	return answer
}
