def handler(item, context):
    return f"{item['count']} {item['name']}"
