demo-title = 选择一位人物
demo-text = 这是航中街的完整示例。一键登录为任何人，他们的工作台上就是等待办理的事项。
demo-be = { $name }
demo-mail-title = 信件
demo-mail-text = 系统发出的全部信件，最新的在前。一切都留在本机。
demo-mail-empty = 还没有信件。
demo-code = 当前动态码：{ $code }
demo-proof = 涉及资金与决定的操作需要动态码，拨付还需要密码。此处所有人的密码：{ $password }
